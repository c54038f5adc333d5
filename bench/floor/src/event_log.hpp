// The least that makes events durable: one table, one index, the latest materialization of each asset, one transaction a batch.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace floor_program {

class EventLog {
 public:
  /// A new file; one that is there already is removed. `full`: each commit survives a power cut.
  EventLog(const std::filesystem::path& file, bool full);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// One event in the open transaction, which it begins if there is none.
  void append(const nlohmann::json& event, std::string_view line);
  void append_row(std::int64_t time, std::string_view kind, int step, std::string_view line);
  /// Commits what was appended since the last commit; nothing: does nothing.
  void commit();

  long events() const { return events_; }
  long commits() const { return commits_; }

 private:
  void execute(const char* sql);
  void step(sqlite3_stmt* statement);

  sqlite3* database_ = nullptr;
  sqlite3_stmt *insert_ = nullptr, *upsert_ = nullptr;
  bool in_transaction_ = false;
  long events_ = 0, commits_ = 0;
};

}  // namespace floor_program
