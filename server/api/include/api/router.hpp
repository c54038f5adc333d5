// All routes of the REST API (server/api/openapi.json describes them).
//
//   live::ReaderPool readers(log);
//   live::EventStreams streams(loop, log, readers, api::event_renderer());
//   api::Context context{loop, log, workspace, launcher, readers, streams, home, version, loop.now(), {}};
//   http::Server server(loop, api::make_router(context), settings);
//   context.server_counts = [&] { return server.counts(); };
//   // after each commit, on the I/O thread: streams.on_commit(last_id)
//   // stop, in this order: streams.stop(); server.stop(done); … readers.stop(); then the log is closed
#pragma once

#include <api/context.hpp>
#include <http/router.hpp>

namespace headrace::api {

/// The context must outlive the router.
http::Router make_router(Context& context);

/// Renders events for the stream, exactly as `/runs/{id}/events` does. Thread-safe.
live::EventStreams::Render event_renderer();

}  // namespace headrace::api
