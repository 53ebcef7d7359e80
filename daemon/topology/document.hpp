// Document: the topology as a tree of text, before it has any meaning. Every node knows where it was
// written; every map entry also knows where its key was.
//
// Anchors, aliases and merge keys (<<) are resolved: an alias is the very node it names. ${VAR} is
// replaced in scalar values. Included files are merged: their actors, plugins and subscriptions are
// appended; a name in two files is an error. yaml-cpp and its exceptions end in document.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/diagnostic.hpp"
#include "topology/environment.hpp"
#include "topology/source_file.hpp"
#include "topology/span.hpp"

namespace actord::host {

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Entry {
  std::string key;
  Span key_span;
  NodePtr value;  // never null
};

struct Node {
  enum class Type : uint8_t { kNull, kScalar, kSequence, kMap };

  Type type = Type::kNull;
  bool quoted = false;         // a scalar in quotes or a block: text, whatever it looks like
  bool substituted = false;    // an environment variable went in: text, unless its key has a type
  bool broken = false;         // an error about it was reported: say no more
  Span span;                   // of the value
  std::string text;            // kScalar
  std::vector<NodePtr> items;  // kSequence
  std::vector<Entry> entries;  // kMap, in file order, keys unique
  uint64_t weight = 1;         // nodes at and below, aliases counted in full
  uint32_t depth = 1;          // of the deepest node at or below

  const Entry* find(std::string_view key) const;
};

struct Document {
  NodePtr root;                   // a map
  bool faulty = false;            // loading reported errors: validate goes on, but gives no Spec
  std::vector<SourceFile> files;  // in the order read, the main file first
};

struct LoadResult {
  std::optional<Document> document;  // absent: a file is no YAML, or could not be read
  Diagnostics diagnostics;
  std::vector<SourceFile> files;
  bool missing = false;  // the main file does not exist (exit 66)
};

LoadResult load_document(const std::string& path, const EnvLookup& env, const SourceReader& reader);

// One file, before substitution and includes. Null: it is no YAML, or no map.
NodePtr parse_document(const SourceFile& file, Diagnostics& diagnostics);

CheckedCounts counts(const LoadResult& loaded);

}  // namespace actord::host
