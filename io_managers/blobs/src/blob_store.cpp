#include <blobs/blob_store.hpp>

#include <arrow/buffer.h>
#include <arrow/filesystem/gcsfs.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <config/redaction.hpp>

#include <cstdlib>

#include <fmt/format.h>

namespace headrace::blobs {
namespace {

/// What a store says may quote the request, signature included.
[[noreturn]] void raise(const std::string& what, const arrow::Status& status) {
  std::string said = status.message();
  config::mask_credentials(said);
  throw BlobError(what + ": " + said);
}

std::string or_environment(const std::string& given, const char* variable) {
  const char* found = std::getenv(variable);
  return !given.empty() || found == nullptr ? given : found;
}

/// "http://127.0.0.1:9000/" as scheme and "127.0.0.1:9000".
std::pair<std::string, std::string> split_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const auto at = url.find("://");
  return at == std::string::npos ? std::pair(std::string("http"), url) : std::pair(url.substr(0, at), url.substr(at + 3));
}

void initialize_s3() {
  static const arrow::Status ready = [] {
    std::atexit([] { std::ignore = arrow::fs::FinalizeS3(); });
    return arrow::fs::EnsureS3Initialized();
  }();
  if (!ready.ok()) raise("S3", ready);
}

}  // namespace

std::shared_ptr<BlobStore> BlobStore::s3(const S3Settings& settings) {
  initialize_s3();
  auto options = settings.access_key_id.empty() ? arrow::fs::S3Options::Defaults()
                                                : arrow::fs::S3Options::FromAccessKey(
                                                      settings.access_key_id, settings.secret_access_key, settings.session_token);
  options.region = or_environment(settings.region, "AWS_REGION");
  if (options.region.empty()) options.region = "us-east-1";
  const auto url = or_environment(settings.endpoint_url, "AWS_ENDPOINT_URL");
  if (!url.empty()) std::tie(options.scheme, options.endpoint_override) = split_url(url);
  auto made = arrow::fs::S3FileSystem::Make(options);
  if (!made.ok()) raise("S3", made.status());
  return std::shared_ptr<BlobStore>(new BlobStore("s3", url.empty() ? "S3" : "S3 at " + url, *made));
}

std::shared_ptr<BlobStore> BlobStore::gcs(const GCSSettings& settings) {
  const auto url = or_environment(settings.endpoint_url, "STORAGE_EMULATOR_HOST");
  // An emulator wants no credentials.
  auto options = url.empty() ? arrow::fs::GcsOptions::Defaults() : arrow::fs::GcsOptions::Anonymous();
  if (!url.empty()) std::tie(options.scheme, options.endpoint_override) = split_url(url);
  auto made = arrow::fs::GcsFileSystem::Make(options);
  if (!made.ok()) raise("GCS", made.status());
  return std::shared_ptr<BlobStore>(new BlobStore("gs", url.empty() ? "GCS" : "GCS at " + url, *made));
}

void BlobStore::put(const std::string& path, const void* bytes, std::size_t size) const {
  const auto what = fmt::format("{}: cannot write {}", name_, uri(path));
  auto stream = files_->OpenOutputStream(path);
  if (!stream.ok()) raise(what, stream.status());
  if (const auto written = (*stream)->Write(bytes, static_cast<std::int64_t>(size)); !written.ok()) {
    std::ignore = (*stream)->Abort();
    raise(what, written);
  }
  if (const auto closed = (*stream)->Close(); !closed.ok()) raise(what, closed);
}

std::shared_ptr<arrow::io::RandomAccessFile> BlobStore::open(const std::string& path) const {
  auto file = files_->OpenInputFile(path);
  if (file.ok()) return *file;
  const auto found = files_->GetFileInfo(path);
  if (found.ok() && found->type() == arrow::fs::FileType::NotFound) return nullptr;
  raise(fmt::format("{}: cannot read {}", name_, uri(path)), file.status());
}

std::optional<std::string> BlobStore::get(const std::string& path) const {
  const auto file = open(path);
  if (!file) return {};
  const auto what = fmt::format("{}: cannot read {}", name_, uri(path));
  const auto size = file->GetSize();
  if (!size.ok()) raise(what, size.status());
  const auto bytes = file->ReadAt(0, *size);
  if (!bytes.ok()) raise(what, bytes.status());
  return (*bytes)->ToString();
}

}  // namespace headrace::blobs
