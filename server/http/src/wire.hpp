// The head of an answer as bytes, with the headers that every answer carries. Pure.
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

}  // namespace headrace::http
