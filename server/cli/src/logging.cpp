#include <logging.hpp>

#include <core/event.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <terminal.hpp>

namespace headrace::cli {
namespace {

/// Hands on the messages alone. Empty: to nobody.
class LineSink final : public spdlog::sinks::sink {
 public:
  explicit LineSink(std::function<void(const std::string&)> say) : say_(std::move(say)) {}
  void log(const spdlog::details::log_msg& message) override {
    if (say_) say_("headrace: " + std::string(message.payload.data(), message.payload.size()));
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  const std::function<void(const std::string&)> say_;
};

/// One object a line, whatever bytes the message holds.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch()).count();
    const auto level = spdlog::level::to_string_view(message.level);
    const nlohmann::ordered_json line = {{"time", to_rfc3339(time)},
                                         {"level", std::string(level.data(), level.size())},
                                         {"message", std::string(message.payload.data(), message.payload.size())}};
    const auto text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

}  // namespace

void set_up_logging(const std::string& level, const std::string& format) {
  spdlog::set_default_logger(
      spdlog::stderr_color_mt("headrace", has_colors(2) ? spdlog::color_mode::always : spdlog::color_mode::never));
  if (format == "json")
    spdlog::set_formatter(std::make_unique<JsonFormatter>());
  else
    spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

void log_to(std::function<void(const std::string&)> say) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("headrace", std::make_shared<LineSink>(std::move(say))));
  spdlog::set_level(spdlog::level::critical);
}

}  // namespace headrace::cli
