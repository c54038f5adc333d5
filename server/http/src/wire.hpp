// The head of an answer as bytes, with the headers that every answer carries; where the head of a request ends. Pure.
#pragma once

#include <ctime>
#include <string>

#include <http/message.hpp>

namespace headrace::http {

struct HeadOptions {
  bool keep_alive = true;
  bool chunked = false;  ///< a stream to an HTTP/1.1 client
  std::time_t now = 0;
};
std::string response_head(const Response& response, const HeadOptions& options);

/// Size of a request's head in `bytes` (with its empty line); 0: not whole yet. A lone line feed ends it too: it is refused at
/// once.
std::size_t head_size(std::string_view bytes);

}  // namespace headrace::http
