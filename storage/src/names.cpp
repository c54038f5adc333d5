#include "names.hpp"

namespace headrace::storage {
namespace {
constexpr std::size_t k_most_known = 100'000;  // beyond that, memory counts more than a look-up
}

Names::Names(sqlite::Connection& connection)
    : connection_(connection),
      select_(connection, "SELECT id FROM names WHERE name = ?"),
      insert_(connection, "INSERT INTO names (name) VALUES (?)") {}

std::int64_t Names::intern(std::string_view name) {
  if (name.empty()) return 0;
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  {
    auto row = select_.use(name);
    if (row.next()) return remember(name, row.integer(0));
  }
  insert_.run(name);
  added_.emplace_back(name);
  return remember(name, sqlite3_last_insert_rowid(connection_.raw()));
}

void Names::committed() {
  added_.clear();
  if (known_.size() > k_most_known) known_.clear();
}

void Names::rolled_back() {
  for (const auto& name : added_) known_.erase(name);
  added_.clear();
}

std::int64_t Names::remember(std::string_view name, std::int64_t id) {
  known_.emplace(name, id);
  return id;
}

}  // namespace headrace::storage
