// LibrarySearch: where the dynamic linker would find the libraries a plugin needs, asked without
// loading any of them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace actord::host {

class LibrarySearch {
 public:
  // Takes the linker's own directories (LD_LIBRARY_PATH and defaults included) and its cache.
  LibrarySearch();
  ~LibrarySearch();
  LibrarySearch(const LibrarySearch&) = delete;
  LibrarySearch& operator=(const LibrarySearch&) = delete;

  struct Found {
    void* handle = nullptr;  // mapped in this process already: ask it with dlsym
    std::string file;        // else: its file
    bool missing() const { return handle == nullptr && file.empty(); }
  };
  // first: directories of the needing file's RUNPATH.
  Found find(const std::string& name, const std::vector<std::string>& first);

 private:
  void read_cache();

  std::vector<std::string> directories_;
  std::map<std::string, std::string> cache_;  // name -> file
  std::vector<void*> handles_;  // references on mapped libraries, given back at the end
};

}  // namespace actord::host
