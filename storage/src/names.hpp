// Strings that events repeat, kept once and referred to by number. Used by the thread of its connection only.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sqlite/statement.hpp"

namespace headrace::storage {

class Names {
 public:
  explicit Names(sqlite::Connection& connection);

  /// The number of a name, which is added when it is new; 0 for "".
  std::int64_t intern(std::string_view name);

  /// Must follow each transaction: names that a rolled back one added are forgotten.
  void committed();
  void rolled_back();

 private:
  std::int64_t remember(std::string_view name, std::int64_t id);
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  sqlite::Connection& connection_;
  sqlite::Statement select_, insert_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> known_;
  std::vector<std::string> added_;
};

}  // namespace headrace::storage
