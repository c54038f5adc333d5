// Azure Data Lake Storage Gen2, through its blob API. Not by Arrow's file system: opening its stream replaces the object by an
// empty one, and asks for more than a SAS of one container allows (docs/decisions/0018-azure-by-one-request.md).
#include <blobs/blob_store.hpp>

#include <arrow/buffer.h>
#include <digests.hpp>
#include <http_client.hpp>

#include <cctype>
#include <ctime>
#include <random>

#include <fmt/format.h>

namespace headrace::blobs {
namespace {

constexpr const char* k_version = "2021-12-02";

/// As HTTP writes it, whatever the locale.
std::string http_date() {
  static constexpr const char *k_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
                              *k_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", k_days[utc.tm_wday], utc.tm_mday, k_months[utc.tm_mon],
                     utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// All block IDs of a blob must be of one length, also those that an upload by Azure's own clients left behind: theirs have 64
/// characters. Random in front: uploads of two processes do not mix.
std::string block_id(std::uint64_t upload, std::size_t number) { return base64(fmt::format("{:016x}{:032}", upload, number)); }

class ADLS2Store final : public BlobStore {
 public:
  ADLS2Store(const ADLS2Settings& settings, std::string container, const Attempts& attempts, const std::string& endpoint)
      : BlobStore(attempts),
        settings_(settings),
        container_(std::move(container)),
        url_(Url::parse(endpoint)),
        client_(url_, attempts.timeout) {}

  std::string address(const std::string& key) const override {
    return fmt::format("abfss://{}@{}.dfs.{}/{}", container_, settings_.account, settings_.endpoint_suffix, key);
  }

 protected:
  std::string upload(const std::string& key, const arrow::Buffer& bytes) const override {
    const auto* data = reinterpret_cast<const char*>(bytes.data());
    const auto size = static_cast<std::size_t>(bytes.size());
    if (size <= settings_.part_size) return etag_of(request("PUT", key, {}, {{"x-ms-blob-type", "BlockBlob"}}, data, size));
    std::random_device random;
    const auto upload = static_cast<std::uint64_t>(random()) << 32 | random();
    std::string list = R"(<?xml version="1.0" encoding="utf-8"?><BlockList>)";
    for (std::size_t begin = 0, number = 0; begin < size; begin += settings_.part_size, ++number) {
      const auto id = block_id(upload, number);
      request("PUT", key, {{"blockid", id}, {"comp", "block"}}, {}, data + begin, std::min(settings_.part_size, size - begin));
      list += "<Latest>" + id + "</Latest>";
    }
    list += "</BlockList>";
    return etag_of(request("PUT", key, {{"comp", "blocklist"}}, {}, list.data(), list.size()));
  }

  std::shared_ptr<arrow::Buffer> download(const std::string& key) const override {
    return arrow::Buffer::FromString(request("GET", key, {}, {}, nullptr, 0).body);
  }

  std::string where() const override {
    return fmt::format("container \"{}\" of storage account \"{}\"", container_, settings_.account);
  }
  std::string container_field() const override { return "adls2_file_system"; }
  std::string credentials_remedy() const override {
    if (settings_.sas_token.empty())
      return fmt::format("Give the IO manager the key of account \"{}\" as account_key, best as EnvVar(\"…\").",
                         settings_.account);
    return fmt::format(
        "Give the IO manager a SAS token (sas_token) for {} that is not expired and allows to read, write and create, best as "
        "EnvVar(\"…\").",
        where());
  }

 private:
  using Parameters = std::map<std::string, std::string>;

  static std::string etag_of(const HttpResponse& response) {
    const auto found = response.headers.find("etag");
    std::string etag = found == response.headers.end() ? "" : found->second;
    std::erase(etag, '"');
    return etag;
  }

  /// Throws RequestFailed for any answer that is no success.
  HttpResponse request(const std::string& verb, const std::string& key, const Parameters& parameters, HttpClient::Headers headers,
                       const char* body, std::size_t size) const {
    headers["x-ms-version"] = k_version;
    headers["x-ms-date"] = http_date();
    const auto path = fmt::format("{}/{}/{}", url_.path, container_, percent_encoded(key, "/"));
    if (settings_.sas_token.empty()) headers["Authorization"] = signature(verb, path, parameters, headers, size);
    std::string query;
    for (const auto& [name, value] : parameters) query += (query.empty() ? "?" : "&") + name + "=" + percent_encoded(value, "");
    if (!settings_.sas_token.empty()) query += (query.empty() ? "?" : "&") + settings_.sas_token;
    HttpResponse response;
    try {
      response = client_.send(verb, path + query, headers, body, size);
    } catch (const NetworkError& error) {
      throw RequestFailed{RequestFailed::again, error.what()};
    }
    if (response.status / 100 != 2) fail(response, verb == "PUT");
    return response;
  }

  /// Azure's "Shared Key": an HMAC of what is sent, with the account's key.
  std::string signature(const std::string& verb, const std::string& path, const Parameters& parameters,
                        const HttpClient::Headers& headers, std::size_t size) const {
    const std::string length = size == 0 ? "" : std::to_string(size);
    std::string text = fmt::format("{}\n\n\n{}\n\n\n\n\n\n\n\n\n", verb, length);
    for (const auto& [name, value] : headers) text += name + ":" + value + "\n";
    text += "/" + settings_.account + path;
    for (const auto& [name, value] : parameters) text += "\n" + name + ":" + value;
    return fmt::format("SharedKey {}:{}", settings_.account, base64(hmac_sha256(from_base64(settings_.account_key), text)));
  }

  [[noreturn]] static void fail(const HttpResponse& response, bool is_put) {
    const auto found = response.headers.find("x-ms-error-code");
    const std::string code = found == response.headers.end() ? "" : found->second;
    const int status = response.status;
    const auto kind = [&] {
      if (code == "ContainerNotFound" || (status == 404 && is_put)) return RequestFailed::no_container;
      if (status == 404) return RequestFailed::no_object;
      if (status == 401 || status == 403 || code == "InvalidAuthenticationInfo") return RequestFailed::refused;
      // Dagster takes a lease while it writes.
      if (status == 408 || status == 429 || status >= 500 || code == "LeaseIdMissing") return RequestFailed::again;
      return RequestFailed::other;
    }();
    throw RequestFailed{kind, code.empty() ? std::to_string(status) : fmt::format("{} {}", status, code)};
  }

  ADLS2Settings settings_;
  std::string container_;
  Url url_;
  mutable HttpClient client_;
};

}  // namespace

std::shared_ptr<BlobStore> BlobStore::adls2(const ADLS2Settings& given, const std::string& container, const Attempts& attempts) {
  auto settings = given;
  const auto where = fmt::format("container \"{}\" of storage account \"{}\"", container, settings.account);
  while (settings.sas_token.starts_with('?')) settings.sas_token.erase(0, 1);
  // Refused before anything is sent: the cloud's answer would say less.
  if (settings.sas_token.empty() && from_base64(settings.account_key).empty())
    throw BlobError(
        settings.account_key.empty()
            ? fmt::format("There is no credential for {}. Give the IO manager a SAS token (sas_token) for it that allows "
                          "to read, write and create, or the account's key (account_key), best as EnvVar(\"…\").",
                          where)
            : fmt::format("The key for {} is no base64. Give the IO manager the account's key (account_key), best as "
                          "EnvVar(\"…\").",
                          where));
  if (!settings.sas_token.empty() && ("&" + settings.sas_token).find("&sig=") == std::string::npos)
    throw BlobError(
        fmt::format("The SAS token for {} is not complete: it has no signature (sig=…). Give the IO manager a SAS token "
                    "(sas_token) for {} that allows to read, write and create, best as EnvVar(\"…\").",
                    where, where));
  auto endpoint = or_environment(settings.endpoint, "HEADRACE_ADLS2_ENDPOINT");
  if (endpoint.empty()) endpoint = fmt::format("https://{}.blob.{}", settings.account, settings.endpoint_suffix);
  return std::make_shared<ADLS2Store>(settings, container, attempts, endpoint);
}

}  // namespace headrace::blobs
