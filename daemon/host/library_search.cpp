#include "host/library_search.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>

#include "host/file_descriptor.hpp"
#include "host/text_table.hpp"

namespace actord::host {
namespace {

// /etc/ld.so.cache, format 1.1 of glibc: header, entries, then the texts the entries point to.
struct CacheHeader {
  char magic[20];
  uint32_t count;
  uint32_t texts_size;
  uint32_t unused[5];
};
struct CacheEntry {
  int32_t flags;
  uint32_t name, file;  // offsets from the header
  uint32_t os_version;
  uint64_t hardware;
};
constexpr char kCacheMagic[] = "glibc-ld.so.cache1.1";
constexpr uint64_t kCacheBytesMax = 64ull << 20;

bool is_file(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::vector<std::string> linker_directories() {
  std::vector<std::string> directories;
  void* self = dlopen(nullptr, RTLD_LAZY);
  Dl_serinfo size{};
  if (self == nullptr || dlinfo(self, RTLD_DI_SERINFOSIZE, &size) != 0) return directories;
  auto* info = static_cast<Dl_serinfo*>(std::calloc(1, size.dls_size));
  if (info != nullptr && dlinfo(self, RTLD_DI_SERINFOSIZE, info) == 0 &&
      dlinfo(self, RTLD_DI_SERINFO, info) == 0) {
    for (unsigned i = 0; i < info->dls_cnt; ++i)
      directories.emplace_back(info->dls_serpath[i].dls_name);
  }
  std::free(info);
  dlclose(self);
  return directories;
}

}  // namespace

LibrarySearch::LibrarySearch() : directories_(linker_directories()) { read_cache(); }

LibrarySearch::~LibrarySearch() {
  for (void* handle : handles_) dlclose(handle);
}

// A cache of another format is no cache: the directories are still searched.
void LibrarySearch::read_cache() {
  const FileDescriptor descriptor(::open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!descriptor.valid() || fstat(descriptor.get(), &status) != 0) return;
  const auto size = static_cast<uint64_t>(status.st_size);
  std::string bytes;
  if (size > kCacheBytesMax || !FileReader(descriptor.get(), size).read(0, size, bytes)) return;
  CacheHeader header;
  if (size < sizeof header) return;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kCacheMagic, sizeof header.magic) != 0) return;
  for (uint64_t i = 0, at = sizeof header; i < header.count && at + sizeof(CacheEntry) <= size;
       ++i) {
    CacheEntry entry;
    std::memcpy(&entry, bytes.data() + at, sizeof entry);
    cache_.emplace(text_at(bytes, entry.name), text_at(bytes, entry.file));
    at += sizeof entry;
  }
}

LibrarySearch::Found LibrarySearch::find(const std::string& name,
                                         const std::vector<std::string>& first) {
  // NOLOAD: only a reference on what is mapped already; nothing is loaded, nothing of it runs.
  if (void* handle = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD); handle != nullptr) {
    handles_.push_back(handle);
    return {handle, {}};
  }
  if (name.find('/') != std::string::npos) return {nullptr, is_file(name) ? name : std::string()};
  for (const auto& directory : first) {
    if (is_file(directory + "/" + name)) return {nullptr, directory + "/" + name};
  }
  for (const auto& directory : directories_) {
    if (is_file(directory + "/" + name)) return {nullptr, directory + "/" + name};
  }
  const auto cached = cache_.find(name);
  if (cached != cache_.end() && is_file(cached->second)) return {nullptr, cached->second};
  return {};
}

}  // namespace actord::host
