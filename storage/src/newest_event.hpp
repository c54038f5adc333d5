// The id of the newest event that was ever committed, beside the database: how a log that has lost its end is known. SQLite
// itself opens one whose -wal file was removed, cut or damaged as if what was in it had never been.
//
// Written after each commit and never synced: a power loss may take it back, which costs nothing but the warning.
#pragma once

#include <cstdint>
#include <filesystem>

namespace headrace::storage {

class NewestEvent {
 public:
  explicit NewestEvent(const std::filesystem::path& home);
  ~NewestEvent();
  NewestEvent(const NewestEvent&) = delete;

  /// 0: not known.
  std::int64_t read() const;
  /// A failure (disk full) is no one's business: the events themselves are what counts.
  void write(std::int64_t id);

 private:
  int fd_;
};

}  // namespace headrace::storage
