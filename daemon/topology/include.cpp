// load_document: the main file and what it includes, as one tree.
//
// Nothing is merged in silence. actors, plugins and subscriptions of all files are put one after the
// other, the main file's first; any other key, and any name, may be given in one file only.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "topology/document.hpp"
#include "topology/suggestion.hpp"

namespace actord::host {
namespace {

constexpr std::string_view kFreeSpace = "x-";

std::string file_of(const std::string& directory, const std::string& path) {
  return (std::filesystem::path(directory) / path).lexically_normal().string();
}

class Loader {
 public:
  Loader(const EnvLookup& env, const SourceReader& reader) : env_(env), reader_(reader) {}

  LoadResult run(const std::string& path) {
    root_->type = Node::Type::kMap;
    load(path, Span{path, 0, 0, 1});
    LoadResult result;
    result.files = std::move(files_);
    result.missing = missing_;
    if (!incomplete_) result.document = Document{root_, diagnostics_.has_errors(), result.files};
    result.diagnostics = std::move(diagnostics_);
    return result;
  }

 private:
  // `asked`: where the file was asked for.
  void load(const std::string& path, const Span& asked) {
    auto text = reader_.read(path);
    if (!text) {
      if (files_.empty()) missing_ = text.error().code == ACTORD_E_NOT_FOUND;
      lack(asked, text.error().text);
      return;
    }
    const bool main = files_.empty();
    const SourceFile file(path, std::move(*text));
    files_.push_back(file);
    const NodePtr parsed = parse_document(file, diagnostics_);
    if (parsed == nullptr) {
      incomplete_ = true;
      return;
    }
    substituted_.clear();
    for (const Entry& entry : parsed->entries) {
      if (!entry.key.starts_with(kFreeSpace)) substitute_below(*entry.value);
    }
    if (main) root_->span = parsed->span;
    for (const Entry& entry : parsed->entries) add(entry, main);
    stack_.push_back(path);
    loaded_.insert(path);
    if (const Entry* include = parsed->find("include")) load_includes(path, *include);
    stack_.pop_back();
  }

  void load_includes(const std::string& path, const Entry& include) {
    const Node& value = *include.value;
    if (value.broken || value.type == Node::Type::kNull) return;
    std::vector<NodePtr> items = value.items;
    if (value.type == Node::Type::kScalar) items = {include.value};
    if (value.type == Node::Type::kMap) {
      diagnostics_.add("E104", value.span, "\"include\" wants a list of file patterns, got a map");
      return;
    }
    const std::string directory = std::filesystem::path(path).parent_path().string();
    for (const NodePtr& item : items) {
      if (item->broken) continue;
      if (item->type != Node::Type::kScalar || item->text.empty()) {
        diagnostics_.add("E104", item->span, "\"include\" wants file patterns like conf.d/*.yaml");
        continue;
      }
      load_matches(file_of(directory, item->text), item->span);
    }
  }

  void load_matches(const std::string& pattern, const Span& asked) {
    std::vector<std::string> paths = {pattern};
    if (pattern.find_first_of("*?[") != std::string::npos) {
      paths = reader_.glob(pattern);
      for (auto& path : paths) path = std::filesystem::path(path).lexically_normal().string();
      std::sort(paths.begin(), paths.end());
    }
    for (const auto& path : paths) {
      if (std::find(stack_.begin(), stack_.end(), path) != stack_.end()) {
        lack(asked, "include cycle: " + joined(stack_, " -> ") + " -> " + path);
      } else if (loaded_.count(path) != 0) {
        continue;  // two patterns may match the same file
      } else if (files_.size() >= limits::kTopologyFiles) {
        lack(asked, "more than " + std::to_string(limits::kTopologyFiles) + " files");
        return;
      } else {
        load(path, asked);
      }
    }
  }

  // Without a file, "no such actor" and the like would be noise.
  void lack(const Span& asked, std::string text) {
    diagnostics_.add("E107", asked, std::move(text));
    incomplete_ = true;
  }

  void add(const Entry& entry, bool main) {
    if (entry.key.starts_with(kFreeSpace)) return;
    if (entry.key == "actors" || entry.key == "plugins" || entry.key == "subscriptions") {
      append(entry);
    } else if (main || (entry.key != "include" && entry.key != "version")) {
      add_single(entry);
    } else if (entry.key == "version" && !entry.value->broken && entry.value->text != "1") {
      diagnostics_.add("E104", entry.value->span, "\"version\" wants 1");
    }
  }

  void add_single(const Entry& entry) {
    const auto [first, added] = names_[""].emplace(entry.key, entry.key_span);
    if (added) {
      root_->entries.push_back(entry);
    } else {
      diagnostics_.add("E103", entry.key_span,
                       "key \"" + entry.key + "\" is already given at " + first->second.text());
    }
  }

  void append(const Entry& entry) {
    const auto wanted = entry.key == "subscriptions" ? Node::Type::kSequence : Node::Type::kMap;
    if (entry.value->broken || entry.value->type == Node::Type::kNull) return;
    if (entry.value->type != wanted) {
      diagnostics_.add(
          "E104", entry.value->span,
          "\"" + entry.key + "\" wants a " + (wanted == Node::Type::kMap ? "map" : "list"));
      return;
    }
    Node& all = collected(entry);
    all.items.insert(all.items.end(), entry.value->items.begin(), entry.value->items.end());
    for (const Entry& below : entry.value->entries) {
      const auto [first, added] = names_[entry.key].emplace(below.key, below.key_span);
      if (added) {
        all.entries.push_back(below);
        continue;
      }
      const std::string name =
          entry.key == "actors" ? "actor /" + below.key : "plugin " + below.key;
      diagnostics_.add("E103", below.key_span,
                       name + " is already defined at " + first->second.text());
    }
  }

  // The node of the merged tree that gathers all files' entries. Never the file's own node: an alias
  // may name that one.
  Node& collected(const Entry& entry) {
    for (Entry& known : root_->entries) {
      if (known.key == entry.key) return *known.value;
    }
    auto node = std::make_shared<Node>();
    node->type = entry.value->type;
    node->span = entry.value->span;
    root_->entries.push_back(Entry{entry.key, entry.key_span, node});
    return *node;
  }

  // Each node once, however many aliases lead to it.
  void substitute_below(Node& node) {
    if (!substituted_.insert(&node).second) return;
    for (const NodePtr& item : node.items) substitute_below(*item);
    for (const Entry& entry : node.entries) substitute_below(*entry.value);
    if (node.type != Node::Type::kScalar || node.text.find('$') == std::string::npos) return;
    Substitution result = substitute(node.text, env_);
    node.text = std::move(result.text);
    node.substituted = result.changed;
    for (auto& problem : result.problems) diagnostics_.add("E106", node.span, std::move(problem));
    if (!result.problems.empty()) node.broken = true;
  }

  const EnvLookup& env_;
  const SourceReader& reader_;
  Diagnostics diagnostics_;
  NodePtr root_ = std::make_shared<Node>();
  std::vector<SourceFile> files_;
  std::vector<std::string> stack_;  // files being read, the main one first
  std::set<std::string> loaded_;
  std::unordered_set<const Node*> substituted_;  // of the current file
  // By top-level key ("": the keys themselves): what was given, and where.
  std::map<std::string, std::unordered_map<std::string, Span>> names_;
  bool incomplete_ = false;  // a file's content is not known
  bool missing_ = false;
};

size_t count_actors(const Node& actors) {
  size_t count = 0;
  for (const Entry& entry : actors.entries) {
    const Entry* children = entry.value->find("children");
    count += 1 + (children == nullptr ? 0 : count_actors(*children->value));
  }
  return count;
}

}  // namespace

LoadResult load_document(const std::string& path, const EnvLookup& env,
                         const SourceReader& reader) {
  return Loader(env, reader).run(path);
}

CheckedCounts counts(const LoadResult& loaded) {
  CheckedCounts result;
  result.files = loaded.files.size();
  if (!loaded.document) return result;
  result.complete = true;
  const Node& root = *loaded.document->root;
  if (const Entry* plugins = root.find("plugins")) result.plugins = plugins->value->entries.size();
  if (const Entry* actors = root.find("actors")) result.actors = count_actors(*actors->value);
  return result;
}

}  // namespace actord::host
