// Events from yaml-cpp become a tree. Its own tree (YAML::Node) is not used: it lets the last of two
// equal keys win, knows no place of a key, and converts values by guessing.
//
// An alias is the very node it names, so a few lines can stand for billions of nodes: `weight` and
// `depth` count aliases in full and are bounded as the tree grows, so that its readers may recurse.
#include "topology/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>

#include "base/limits.hpp"
#include "topology/syntax_error.hpp"

namespace actord::host {
namespace {

constexpr std::string_view kMergeKey = "<<";

std::string place(const Span& span) {
  return std::to_string(span.line) + ":" + std::to_string(span.column);
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceFile& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  // Null when the file is empty.
  NodePtr root() const { return root_; }
  bool failed() const { return failed_; }
  size_t documents() const { return documents_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      fail(file_.span(offset(mark)), "a second document begins here; a file holds one");
    }
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<Node>();
    node->span = file_.span(skip_properties(offset(mark)));
    remember(anchor, node);
    finished(std::move(node), false);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Span span = file_.span(offset(mark));
    const NodePtr node = anchors_[anchor];
    const bool open = std::any_of(frames_.begin(), frames_.end(),
                                  [&](const Frame& frame) { return frame.node == node; });
    if (node == nullptr || open) {
      fail(span, "this alias names a value that contains it");
      finished(broken(span), false);
      return;
    }
    finished(node, false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<Node>();
    node->type = Node::Type::kScalar;
    node->quoted = tag != "?" && !tag.empty();
    node->text = value;
    node->span = scalar_span(skip_properties(offset(mark)), value);
    check_tag(tag, node->span);
    remember(anchor, node);
    finished(std::move(node), !tag.empty() && tag == "?");
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Type::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Type::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    NodePtr node;
    NodePtr key;             // of a map: waits for its value
    bool plain_key = false;  // not in quotes: may be a merge key
    std::vector<Entry> merges;
    std::unordered_map<std::string, Span> keys;
  };

  size_t offset(const YAML::Mark& mark) const {
    return file_.offset(static_cast<size_t>(std::max(mark.line, 0)),
                        static_cast<size_t>(std::max(mark.column, 0)));
  }

  // The parser's place of "&anchor !tag value" is the anchor.
  size_t skip_properties(size_t at) const {
    const std::string& text = file_.text();
    while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
      const size_t end = std::min(text.find_first_of(" \t\r\n,[]{}", at), text.size());
      const size_t next = text.find_first_not_of(" \t", end);
      if (next == std::string::npos || text[next] == '\n' || text[next] == '\r') break;
      at = next;
    }
    return at;
  }

  // The parser takes the end of the file for a closing quote; we do not.
  Span scalar_span(size_t at, const std::string& value) {
    const std::string_view rest = std::string_view(file_.text()).substr(at);
    if (rest.starts_with('"') || rest.starts_with('\'')) {
      const size_t size = quoted_size(rest);
      const Span span = file_.span(at, size);
      if (size == std::string_view::npos)
        fail(span, "quoted text opened at " + place(span) + " is never closed");
      return span;
    }
    return file_.span(at, rest.starts_with(value) ? value.size() : 1);
  }

  // With both quotes; npos: the second one is missing.
  static size_t quoted_size(std::string_view text) {
    const char quote = text[0];
    for (size_t at = 1; at < text.size(); ++at) {
      if (quote == '"' && text[at] == '\\') {
        ++at;
      } else if (text[at] == quote) {
        if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return at + 1;
        ++at;  // '' stands for '
      }
    }
    return std::string_view::npos;
  }

  void check_tag(const std::string& tag, const Span& span) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    fail(span, "tags (" + tag + ") are not used here; remove it");
  }

  void open(Node::Type type, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    auto node = std::make_shared<Node>();
    node->type = type;
    node->span = file_.span(skip_properties(offset(mark)));
    check_tag(tag == "?" ? std::string() : tag, node->span);
    remember(anchor, node);
    frames_.push_back(Frame{std::move(node), nullptr, false, {}, {}});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    merge(frame);
    weigh(*frame.node);
    finished(std::move(frame.node), false);
  }

  void finished(NodePtr node, bool plain) {
    if (documents_ > 1) return;
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node->type == Node::Type::kSequence) {
      frame.node->items.push_back(std::move(node));
    } else if (frame.key == nullptr) {
      frame.key = std::move(node);
      frame.plain_key = plain;
    } else {
      enter(frame, std::move(node));
    }
  }

  void enter(Frame& frame, NodePtr value) {
    const NodePtr key = std::move(frame.key);
    frame.key = nullptr;
    if (key->type != Node::Type::kScalar) {
      if (!key->broken) fail(key->span, "a key must be a plain text");
      return;
    }
    // An empty value has no place of its own; the parser names whatever comes next.
    if (value->type == Node::Type::kNull && value->span.line != key->span.line)
      value->span = key->span;
    Entry entry{key->text, key->span, std::move(value)};
    if (frame.plain_key && entry.key == kMergeKey) {
      frame.merges.push_back(std::move(entry));
      return;
    }
    const auto [first, added] = frame.keys.emplace(entry.key, entry.key_span);
    if (!added) {
      diagnostics_.add("E103", entry.key_span,
                       "key \"" + entry.key + "\" given twice; first at " + place(first->second) +
                           ". Remove one");
      return;
    }
    frame.node->entries.push_back(std::move(entry));
  }

  // "<<: *base" and "<<: [*a, *b]": keys that are not given here, the earlier map first.
  void merge(Frame& frame) {
    for (const Entry& entry : frame.merges) {
      const Node& value = *entry.value;
      if (value.type == Node::Type::kMap) {
        merge_map(frame, value);
        continue;
      }
      const bool maps =
          value.type == Node::Type::kSequence &&
          std::all_of(value.items.begin(), value.items.end(),
                      [](const NodePtr& item) { return item->type == Node::Type::kMap; });
      if (!maps) {
        fail(entry.key_span, "<< wants a map or a list of maps");
        continue;
      }
      for (const NodePtr& item : value.items) merge_map(frame, *item);
    }
  }

  static void merge_map(Frame& frame, const Node& from) {
    for (const Entry& entry : from.entries) {
      if (frame.keys.emplace(entry.key, entry.key_span).second)
        frame.node->entries.push_back(entry);
    }
  }

  void weigh(Node& node) {
    const auto add = [&](const Node& child) {
      node.weight = std::min(node.weight + child.weight, limits::kTopologyNodes + 1);
      node.depth = std::max(node.depth, child.depth + 1);
    };
    for (const NodePtr& item : node.items) add(*item);
    for (const Entry& entry : node.entries) add(*entry.value);
    if (node.weight <= limits::kTopologyNodes && node.depth <= limits::kTopologyDepth) return;
    fail(node.span, node.depth > limits::kTopologyDepth
                        ? "nested deeper than " + std::to_string(limits::kTopologyDepth) + " levels"
                        : "aliases make this larger than " +
                              std::to_string(limits::kTopologyNodes) + " values");
    node = *broken(node.span);
  }

  void remember(YAML::anchor_t anchor, const NodePtr& node) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
  }

  static NodePtr broken(const Span& span) {
    auto node = std::make_shared<Node>();
    node->broken = true;
    node->span = span;
    return node;
  }

  void fail(const Span& span, std::string text) {
    diagnostics_.add("E101", span, std::move(text));
    failed_ = true;
  }

  const SourceFile& file_;
  Diagnostics& diagnostics_;
  NodePtr root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  size_t documents_ = 0;
  bool failed_ = false;
};

// The wall for yaml-cpp's exceptions.
bool build(const SourceFile& file, TreeBuilder& builder, Diagnostics& diagnostics) {
  try {
    std::istringstream in(file.text());
    YAML::Parser parser(in);
    while (builder.documents() < 2 && parser.HandleNextDocument(builder)) {}
    return !builder.failed();
  } catch (const YAML::Exception& exception) {
    const auto& mark = exception.mark;
    const size_t offset = mark.is_null()
                              ? 0
                              : file.offset(static_cast<size_t>(std::max(mark.line, 0)),
                                            static_cast<size_t>(std::max(mark.column, 0)));
    diagnostics.add(syntax_error(file, exception.msg, offset));
  } catch (const std::exception& exception) {
    diagnostics.add(syntax_error(file, exception.what(), 0));
  }
  return false;
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

NodePtr parse_document(const SourceFile& file, Diagnostics& diagnostics) {
  if (const size_t bad = file.first_bad_byte(); bad != std::string::npos) {
    diagnostics.add("E101", file.span(bad), "this byte is no UTF-8 text or a control character");
    return nullptr;
  }
  TreeBuilder builder(file, diagnostics);
  if (!build(file, builder, diagnostics)) return nullptr;
  NodePtr root = builder.root();
  if (root == nullptr || root->type == Node::Type::kNull) {
    root = std::make_shared<Node>();
    root->type = Node::Type::kMap;
    root->span = file.span(0);
  }
  if (root->type != Node::Type::kMap) {
    diagnostics.add("E101", root->span, "a topology is a map; begin with \"version: 1\"");
    return nullptr;
  }
  return root;
}

}  // namespace actord::host
