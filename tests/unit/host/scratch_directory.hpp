// ScratchDirectory: a directory of its own for one test, private, and gone afterwards.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace actord::host::testing {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern =
        (std::filesystem::canonical(std::filesystem::temp_directory_path()) / "actord-host-XXXXXX")
            .string();
    path_ = mkdtemp(pattern.data());
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content, mode_t mode = 0644) const {
    std::ofstream(file(name), std::ios::binary | std::ios::trunc) << content;
    chmod(file(name).c_str(), mode);
    return file(name);
  }
  std::string make(const std::string& name, mode_t mode = 0755) const {
    mkdir(file(name).c_str(), 0700);
    chmod(file(name).c_str(), mode);
    return file(name);
  }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  std::string path_;
};

}  // namespace actord::host::testing
