#include <core/asset_key.hpp>

#include <algorithm>

#include "text.hpp"

namespace headrace {
namespace {

constexpr std::size_t k_max_parts = 32;
constexpr std::size_t k_max_bytes = 512;

/// What is wrong with one part; empty: nothing. Keys become file names and URLs, hence the rules about dots and slashes.
std::string problem_of(std::string_view part) {
  if (part.empty()) return "a part is empty";
  if (!text::is_valid_utf8(part)) return "a part is not valid UTF-8";
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return "a part holds a control character";
  }
  if (part.front() == '/') return "a part begins with \"/\"";
  // A part may hold slashes ("a/b" given as one string); none of the pieces may leave the folder it will be stored in.
  for (std::size_t begin = 0; begin <= part.size();) {
    const std::size_t end = std::min(part.find('/', begin), part.size());
    const std::string_view piece = part.substr(begin, end - begin);
    if (piece == "." || piece == "..") return "a part may not be " + text::quote(piece);
    begin = end + 1;
  }
  return "";
}

tl::unexpected<Error> bad_key(const std::vector<std::string>& path, const std::string& problem) {
  return fail(ErrorCode::invalid,
              "asset key " + text::quote(AssetKey(path).to_string().substr(0, k_max_bytes)) + " is not allowed: " + problem);
}

}  // namespace

Result<AssetKey> AssetKey::make(std::vector<std::string> path) {
  if (path.empty()) return fail(ErrorCode::invalid, "an asset key needs at least one part");
  if (path.size() > k_max_parts)
    return bad_key(path,
                   "it has " + std::to_string(path.size()) + " parts, at most " + std::to_string(k_max_parts) + " are possible");
  std::size_t bytes = 0;
  for (const auto& part : path) {
    bytes += part.size();
    if (const auto problem = problem_of(part); !problem.empty()) return bad_key(path, problem);
  }
  if (bytes > k_max_bytes) return bad_key(path, "it is longer than " + std::to_string(k_max_bytes) + " bytes");
  return AssetKey(std::move(path));
}

Result<AssetKey> AssetKey::parse(std::string_view text) {
  std::vector<std::string> path(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/') {
      path.emplace_back();
    } else if (c != '\\') {
      path.back() += c;
    } else if (i + 1 < text.size() && (text[i + 1] == '/' || text[i + 1] == '\\')) {
      path.back() += text[++i];
    } else {
      return fail(ErrorCode::invalid,
                  "asset key " + text::quote(text) + " is not allowed: a \"\\\" must be followed by \"/\" or \"\\\"");
    }
  }
  return make(std::move(path));
}

Result<AssetKey> AssetKey::from_json(const nlohmann::json& json) {
  if (!json.is_array()) return fail(ErrorCode::invalid, "an asset key must be a list of strings");
  std::vector<std::string> path;
  for (const auto& part : json) {
    if (!part.is_string()) return fail(ErrorCode::invalid, "an asset key must be a list of strings");
    path.push_back(part.get<std::string>());
  }
  return make(std::move(path));
}

std::string AssetKey::to_string() const {
  std::string result;
  for (const auto& part : path_) {
    if (&part != &path_.front()) result += '/';
    for (const char c : part) {
      if (c == '/' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result;
}

}  // namespace headrace
