// DataDir: the directory of the store, made when missing (0750), refused where SQLite's WAL cannot be
// trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace actord::host {

Result<void> prepare_data_dir(const std::string& path);
// The name of a file system whose locks or syncs may be another machine's business.
std::optional<std::string_view> network_file_system(uint64_t statfs_type);
Result<void> sync_dir(const std::string& path);

// E_PERMISSION, E_DISK_FULL or E_IO, with errno in words.
Error system_error(const std::string& doing, int number);

}  // namespace actord::host
