#include <http/static_site.hpp>

#include <algorithm>

namespace headrace::http {
namespace {

std::string_view view(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

const StaticFile* find(std::span<const StaticFile> files, std::string_view path) {
  const auto file = std::find_if(files.begin(), files.end(), [&](const StaticFile& f) { return f.path == path; });
  return file == files.end() ? nullptr : &*file;
}

/// Whether Accept-Encoding names the coding, and not with q=0.
bool accepts(std::string_view header, std::string_view coding) {
  while (!header.empty()) {
    const auto item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(item.size() + 1, header.size()));
    const auto begin = item.find_first_not_of(' ');
    if (begin == std::string_view::npos || !item.substr(begin).starts_with(coding)) continue;
    const auto rest = item.substr(begin + coding.size());
    if (rest.empty() || rest.front() == ' ') return true;
    if (rest.front() != ';') continue;
    const auto q = rest.find("q=");
    return q == std::string_view::npos || rest.substr(q + 2).find_first_not_of("0. ") != std::string_view::npos;
  }
  return false;
}

bool has_etag(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

Response serve(const Request& request, const StaticFile& file) {
  Response response;
  response.cache_control = file.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  response.headers.emplace_back("ETag", std::string(file.etag));
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (has_etag(request.header("if-none-match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = file.content_type;
  const auto encodings = request.header("accept-encoding");
  if (!file.brotli.empty() && accepts(encodings, "br")) {
    response.headers.emplace_back("Content-Encoding", "br");
    response.fixed = view(file.brotli);
  } else if (!file.gzip.empty() && accepts(encodings, "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.fixed = view(file.gzip);
  } else {
    response.fixed = view(file.identity);
  }
  return response;
}

/// Addresses of the page's own router. A browser that asks for a script or an image does not want the page instead.
bool is_page_address(const Request& request, const Target& target) {
  const auto& first = target.segments.front();
  const auto api = std::string_view("api");
  if (first.size() == api.size() &&
      std::equal(first.begin(), first.end(), api.begin(), [](char a, char b) { return (a | 32) == b; }))
    return false;
  const auto wanted = request.header("sec-fetch-dest");
  return wanted.empty() || wanted == "document" || wanted == "empty" || wanted == "iframe";
}

}  // namespace

Response serve_static(const Request& request, const Target& target, std::span<const StaticFile> files) {
  const auto path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (const auto* file = find(files, path)) return serve(request, *file);
  if (is_page_address(request, target))
    if (const auto* index = find(files, "/index.html")) return serve(request, *index);
  return problem(404, "not_found", "There is nothing at " + std::string(path) + ".");
}

}  // namespace headrace::http
