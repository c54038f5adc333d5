// The page: files of a fixed table, found by their exact path; other page addresses get index.html.
#pragma once

#include <span>

#include <http/message.hpp>
#include <http/static_files.hpp>
#include <http/target.hpp>

namespace headrace::http {

/// For GET and HEAD of paths without a route. 404 below /api (however written) and for scripts, styles and images that are not
/// there.
Response serve_static(const Request& request, const Target& target, std::span<const StaticFile> files);

}  // namespace headrace::http
