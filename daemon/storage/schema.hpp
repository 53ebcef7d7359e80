// Schema: the tables, and the steps from one version of them to the next. Steps only go forward, each
// in one transaction with its version number.
//
// Identity: application_id says "an actord store", user_version says which schema.
#pragma once

#include <cstdint>
#include <string>

#include "storage/database.hpp"

namespace actord::host {

inline constexpr int64_t kApplicationId = 0x61637464;  // "actd"
inline constexpr int64_t kSchemaVersion = 2;

// The running number of the newest event there ever was, also when it has been deleted.
inline constexpr const char* kNewestEventSql =
    "SELECT max(ifnull((SELECT max(gseq) FROM events), 0), ifnull((SELECT value FROM meta WHERE "
    "key='floor_gseq'), 0))";

// Reads only. Answers the version found: 0 = empty file. E_NEWER: written by a newer actord.
// E_CORRUPT: some other program's database.
Result<int64_t> check_schema(Database& database, const std::string& file);
Result<void> migrate_schema(Database& database, int64_t from);

}  // namespace actord::host
