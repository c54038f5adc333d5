#include <storage/event_log.hpp>
#include <storage/home.hpp>

#include "schema.hpp"

namespace headrace::storage {

void rebuild(const std::filesystem::path& home) {
  const Home locked = Home::open(home);  // no daemon may be running
  sqlite::Connection connection = open_to_rebuild(locked.path());
  fold_again(connection);
  connection.execute("REINDEX");
}

}  // namespace headrace::storage
