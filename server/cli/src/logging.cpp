#include <logging.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <terminal.hpp>

namespace headrace::cli {

void set_up_logging(const std::string& level) {
  spdlog::set_default_logger(
      spdlog::stderr_color_mt("headrace", has_colors(2) ? spdlog::color_mode::always : spdlog::color_mode::never));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace headrace::cli
