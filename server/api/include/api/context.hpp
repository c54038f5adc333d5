// What the API's handlers work with. The composition root owns all of it; it outlives the server.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <async/loop.hpp>
#include <code_locations/workspace.hpp>
#include <http/server.hpp>
#include <live/event_streams.hpp>
#include <live/reader_pool.hpp>
#include <runs/run_figures.hpp>
#include <runs/run_launcher.hpp>
#include <storage/event_log.hpp>

namespace headrace::api {

struct Context {
  async::Loop& loop;
  storage::EventLog& log;
  code_locations::Workspace& workspace;
  runs::RunLauncher& launcher;
  live::ReaderPool& readers;
  live::EventStreams& streams;  ///< made with api::render_event() as its Render
  std::filesystem::path home;   ///< absolute
  std::string version;
  std::int64_t started_at = 0;                        ///< microseconds UTC
  std::function<http::ServerCounts()> server_counts;  ///< for /metrics; may be empty
  /// I/O thread: the first rows of a stored value, from a worker of this code location; may be empty.
  std::function<void(const std::string& code_location, const nlohmann::json& stored,
                     std::function<void(Result<nlohmann::json>)> done)>
      preview;
  http::AccessControl* access = nullptr;          ///< I/O thread: for signing in; null: there is no token
  std::function<runs::RunFigures()> run_figures;  ///< I/O thread: for /metrics; may be empty
};

}  // namespace headrace::api
