#include "event_log.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace floor_program {
namespace {

constexpr const char* k_schema = R"(
  create table events(id integer primary key, run int, time int, kind text, step int, payload text);
  create index events_of_run on events(run, id);
  create table latest(asset text primary key, event int) without rowid;
)";

void bind_text(sqlite3_stmt* statement, int column, std::string_view text) {
  sqlite3_bind_text(statement, column, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

EventLog::EventLog(const std::filesystem::path& file, bool full) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("cannot open " + file.string());
  execute("pragma journal_mode = wal");
  execute(full ? "pragma synchronous = full" : "pragma synchronous = normal");
  execute("pragma wal_autocheckpoint = 4000");
  execute(k_schema);
  const char* insert = "insert into events(run, time, kind, step, payload) values(?, ?, ?, ?, ?)";
  const char* upsert = "insert into latest values(?1, ?2) on conflict(asset) do update set event = ?2";
  sqlite3_prepare_v2(database_, insert, -1, &insert_, nullptr);
  sqlite3_prepare_v2(database_, upsert, -1, &upsert_, nullptr);
}

EventLog::~EventLog() {
  sqlite3_finalize(insert_);
  sqlite3_finalize(upsert_);
  sqlite3_close(database_);
}

void EventLog::append(const nlohmann::json& event, std::string_view line) {
  const auto& kind = event.at("type").get_ref<const std::string&>();
  append_row(event.at("time").get<std::int64_t>(), kind, event.at("step").get<int>(), line);
  if (kind != "materialized") return;
  bind_text(upsert_, 1, event.at("asset_key").get_ref<const std::string&>());
  sqlite3_bind_int64(upsert_, 2, sqlite3_last_insert_rowid(database_));
  step(upsert_);
}

void EventLog::append_row(std::int64_t time, std::string_view kind, int step_number, std::string_view line) {
  if (!in_transaction_) execute("begin immediate");
  in_transaction_ = true;
  sqlite3_bind_int(insert_, 1, 1);
  sqlite3_bind_int64(insert_, 2, time);
  bind_text(insert_, 3, kind);
  sqlite3_bind_int(insert_, 4, step_number);
  bind_text(insert_, 5, line);
  step(insert_);
  ++events_;
}

void EventLog::commit() {
  if (!in_transaction_) return;
  execute("commit");
  in_transaction_ = false;
  ++commits_;
}

void EventLog::execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(database_));
}

void EventLog::step(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
  sqlite3_reset(statement);
}

}  // namespace floor_program
