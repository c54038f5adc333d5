#include <blobs/blob_store.hpp>

#include <arrow/buffer.h>
#include <config/redaction.hpp>
#include <digests.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <random>

#include <fmt/format.h>

namespace headrace::blobs {
namespace {

constexpr double k_longest_delay = 20;

/// Doubles with each attempt, and varies by a quarter, so that those who failed together do not come again together.
double delay_before(int attempt, double first) {
  static std::mt19937 random{std::random_device{}()};
  return std::min(first * std::pow(2, attempt - 2), k_longest_delay) * std::uniform_real_distribution(0.75, 1.25)(random);
}

/// A signal ends the wait for a look at whether it shall go on.
void sleep_for(double seconds, const Watch& watch) {
  watch.check();
  timespec left{static_cast<time_t>(seconds), static_cast<long>((seconds - std::floor(seconds)) * 1e9)};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) watch.check();
  watch.check();
}

}  // namespace

/// Each attempt sends the same bytes, or asks for all of them anew.
template <class Operation>
auto BlobStore::attempt(const std::string& what, const Watch& watch, const Operation& operation) const {
  for (int number = 1;;) {
    double delay = 0;
    try {
      return operation();
    } catch (RequestFailed& failed) {
      config::mask_credentials(failed.what);  // what a store says may quote the request, signature included
      if (failed.kind != RequestFailed::again || number >= attempts_.most) raise(what, failed);
      delay = delay_before(++number, attempts_.delay);
      watch.warn(fmt::format("{}: {}. Attempt {} of {} follows in {:.2g} s.", what, failed.what, number, attempts_.most, delay));
    }
    sleep_for(delay, watch);
  }
}

void BlobStore::raise(const std::string& what, const RequestFailed& failed) const {
  switch (failed.kind) {
    case RequestFailed::no_container:
      throw BlobError(fmt::format("{}: there is no {} ({}). Create it, or correct {} of the IO manager.", what, where(),
                                  failed.what, container_field()));
    case RequestFailed::refused:
      throw BlobError(fmt::format("{}: access to {} was refused ({}). {}", what, where(), failed.what, credentials_remedy()));
    case RequestFailed::again:
      throw BlobError(fmt::format(
          "{}: no success with {} in {} attempt{}, at last: {}. What was stored before is unchanged. Check endpoint and network "
          "and start the step again; max_attempts and retry_delay of the IO manager say how long it tries.",
          what, where(), attempts_.most, attempts_.most == 1 ? "" : "s", failed.what));
    default:
      throw BlobError(fmt::format("{}: {} answered {}. What was stored before is unchanged.", what, where(), failed.what));
  }
}

Receipt BlobStore::put(const std::string& key, const arrow::Buffer& bytes, const Watch& watch) const {
  Receipt receipt{.content_hash = sha256_hex(bytes.data(), static_cast<std::size_t>(bytes.size())), .etag = ""};
  receipt.etag = attempt("Storing " + address(key), watch, [&] { return upload(key, bytes); });
  return receipt;
}

std::shared_ptr<arrow::Buffer> BlobStore::get(const std::string& key, const Watch& watch) const {
  return attempt("Loading " + address(key), watch, [&]() -> std::shared_ptr<arrow::Buffer> {
    try {
      return download(key);
    } catch (const RequestFailed& failed) {
      if (failed.kind == RequestFailed::no_object) return nullptr;
      throw;
    }
  });
}

std::string BlobStore::uri(const std::string& key) const { return percent_encoded(address(key), ":/@"); }

std::string percent_encoded(const std::string& text, const std::string& kept) {
  std::string result;
  for (const char c : text) {
    const bool is_plain = (static_cast<unsigned char>(c) < 128 && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
                          std::string_view("-._~").find(c) != std::string_view::npos || kept.find(c) != std::string::npos;
    result += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

std::string percent_decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_code = text[i] == '%' && i + 3 <= text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                         std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    result += is_code ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
    if (is_code) i += 2;
  }
  return result;
}

std::string or_environment(const std::string& given, const char* variable) {
  const char* found = std::getenv(variable);
  return !given.empty() || found == nullptr ? given : found;
}

}  // namespace headrace::blobs
