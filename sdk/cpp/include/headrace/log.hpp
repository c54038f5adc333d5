// context.log: lines that belong to a run and a step.
#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <string_view>

namespace headrace {
inline namespace sdk {

/// `context.log.info("read ", n, " rows")`
class Log {
 public:
  using Sink = std::function<void(std::string_view level, const std::string& message)>;
  explicit Log(Sink sink) : sink_(std::move(sink)) {}

  template <class... Parts>
  void debug(const Parts&... parts) const {
    write("debug", parts...);
  }
  template <class... Parts>
  void info(const Parts&... parts) const {
    write("info", parts...);
  }
  template <class... Parts>
  void warning(const Parts&... parts) const {
    write("warning", parts...);
  }
  template <class... Parts>
  void error(const Parts&... parts) const {
    write("error", parts...);
  }
  template <class... Parts>
  void critical(const Parts&... parts) const {
    write("critical", parts...);
  }

 private:
  template <class... Parts>
  void write(std::string_view level, const Parts&... parts) const {
    std::ostringstream text;
    (text << ... << parts);
    sink_(level, text.str());
  }
  Sink sink_;
};

}  // namespace sdk
}  // namespace headrace
