// S3 and GCS, by Arrow's file systems. Their own retries are off: ours are seen in the step's log.
#include <blobs/blob_store.hpp>

#include <arrow/buffer.h>
#include <arrow/filesystem/gcsfs.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include <cstdlib>
#include <mutex>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace headrace::blobs {
namespace {

/// "http://127.0.0.1:9000/" as scheme and "127.0.0.1:9000".
std::pair<std::string, std::string> split_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const auto at = url.find("://");
  return at == std::string::npos ? std::pair(std::string("http"), url) : std::pair(url.substr(0, at), url.substr(at + 3));
}

constexpr std::int64_t k_first_read = 64 * 1024;

/// The word in `text` after `before`: Arrow's messages name the error so.
std::string word_after(const std::string& text, std::string_view before) {
  const auto at = text.find(before);
  if (at == std::string::npos) return {};
  const auto begin = at + before.size();
  return text.substr(begin, text.find_first_of(" :(", begin) - begin);
}

bool is_no_such_file(const arrow::Status& status) {
  return status.message().find("[errno 2]") != std::string::npos || status.message().starts_with("Path does not exist");
}

/// Without what only the client's authors read.
std::string readable(std::string text) {
  text.resize(std::min(text.find(" error_info="), text.size()));
  if (const auto inner = text.rfind("with a last message of "); inner != std::string::npos) text.erase(0, inner + 23);
  while (!text.empty() && (text.back() == '.' || text.back() == '\n')) text.pop_back();
  return text;
}

class ArrowStore : public BlobStore {
 public:
  ArrowStore(const Attempts& attempts, std::string scheme, std::string bucket, std::string endpoint,
             std::shared_ptr<arrow::fs::FileSystem> files)
      : BlobStore(attempts),
        scheme_(std::move(scheme)),
        bucket_(std::move(bucket)),
        endpoint_(std::move(endpoint)),
        files_(std::move(files)) {}
  std::string address(const std::string& key) const override { return scheme_ + "://" + bucket_ + "/" + key; }

 protected:
  virtual RequestFailed::Kind kind_of(const arrow::Status& status, bool is_put) const = 0;
  std::string where() const override { return fmt::format("bucket \"{}\" of {}", bucket_, endpoint_); }

  /// The stream's requests make the object appear at Close, at once.
  std::string upload(const std::string& key, const arrow::Buffer& bytes) const override {
    auto stream = take(files_->OpenOutputStream(bucket_ + "/" + key), true);
    if (const auto written = stream->Write(bytes.data(), bytes.size()); !written.ok()) {
      std::ignore = stream->Abort();
      fail(written, true);
    }
    if (const auto closed = stream->Close(); !closed.ok()) fail(closed, true);
    return {};
  }
  std::shared_ptr<arrow::Buffer> download(const std::string& key) const override {
    const auto file = take(files_->OpenInputFile(bucket_ + "/" + key), false);
    const auto size = take(file->GetSize(), false);
    auto bytes = take(file->ReadAt(0, size), false);
    if (bytes->size() != size) throw RequestFailed{RequestFailed::again, fmt::format("{} of {} bytes", bytes->size(), size)};
    return bytes;
  }
  /// The same by one request, without asking for the size.
  std::shared_ptr<arrow::Buffer> stream(const std::string& key) const {
    const auto source = take(files_->OpenInputStream(bucket_ + "/" + key), false);
    const std::shared_ptr<arrow::ResizableBuffer> bytes = take(arrow::AllocateResizableBuffer(0), false);
    for (std::int64_t size = 0;;) {
      if (const auto grown = bytes->Resize(std::max(2 * size, k_first_read), false); !grown.ok()) fail(grown, false);
      const auto read = take(source->Read(bytes->size() - size, bytes->mutable_data() + size), false);
      size += read;
      if (read > 0) continue;
      if (const auto fitted = bytes->Resize(size); !fitted.ok()) fail(fitted, false);
      return bytes;
    }
  }

 private:
  [[noreturn]] void fail(const arrow::Status& status, bool is_put) const {
    throw RequestFailed{kind_of(status, is_put), readable(status.message())};
  }
  template <class T>
  T take(arrow::Result<T> result, bool is_put) const {
    if (!result.ok()) fail(result.status(), is_put);
    return std::move(result).ValueUnsafe();
  }
  std::string scheme_, bucket_, endpoint_;
  std::shared_ptr<arrow::fs::FileSystem> files_;
};

/// Tries nothing again, but keeps what the AWS SDK thinks of the last error.
class NoRetries final : public arrow::fs::S3RetryStrategy {
 public:
  bool ShouldRetry(const AWSErrorDetail& error, int64_t) override {
    const std::lock_guard lock(mutex_);
    may_be_retried_ = error.should_retry;
    return false;
  }
  int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail&, int64_t) override { return 0; }
  bool may_be_retried() const {
    const std::lock_guard lock(mutex_);
    return may_be_retried_;
  }

 private:
  mutable std::mutex mutex_;
  bool may_be_retried_ = false;
};

class S3Store final : public ArrowStore {
 public:
  S3Store(const Attempts& attempts, const std::string& bucket, const std::string& endpoint,
          std::shared_ptr<arrow::fs::FileSystem> files, std::shared_ptr<NoRetries> last)
      : ArrowStore(attempts, "s3", bucket, endpoint, std::move(files)), last_(std::move(last)) {}

 protected:
  RequestFailed::Kind kind_of(const arrow::Status& status, bool is_put) const override {
    static const std::set<std::string> k_refused{
        "ACCESS_DENIED",           "INVALID_ACCESS_KEY_ID",        "SIGNATURE_DOES_NOT_MATCH",
        "INVALID_CLIENT_TOKEN_ID", "MISSING_AUTHENTICATION_TOKEN", "UNRECOGNIZED_CLIENT"};
    const auto code = word_after(status.message(), "AWS Error ");
    if (code == "NO_SUCH_BUCKET") return RequestFailed::no_container;
    if (k_refused.contains(code)) return RequestFailed::refused;
    if (is_no_such_file(status) || code == "NO_SUCH_KEY" || code == "RESOURCE_NOT_FOUND")
      return is_put ? RequestFailed::no_container : RequestFailed::no_object;
    return last_->may_be_retried() ? RequestFailed::again : RequestFailed::other;
  }
  std::string container_field() const override { return "s3_bucket"; }
  std::string credentials_remedy() const override {
    return "Give the IO manager credentials that may read and write there (aws_access_key_id and aws_secret_access_key, best as "
           "EnvVar), or set up what the AWS SDK finds by itself (environment, profile, role).";
  }

 private:
  std::shared_ptr<NoRetries> last_;
};

/// With retries that end after a moment, a busy machine may be too slow to send the first request: that was no attempt.
template <class Operation>
auto once_sent(const Operation& operation) {
  for (int left = 1000;; --left) {
    try {
      return operation();
    } catch (const RequestFailed& failed) {
      if (left == 0 || failed.what.find("before first request attempt") == std::string::npos) throw;
    }
  }
}

class GCSStore final : public ArrowStore {
 public:
  using ArrowStore::ArrowStore;

 protected:
  std::string upload(const std::string& key, const arrow::Buffer& bytes) const override {
    return once_sent([&] { return ArrowStore::upload(key, bytes); });
  }
  std::shared_ptr<arrow::Buffer> download(const std::string& key) const override {
    return once_sent([&] { return stream(key); });
  }
  RequestFailed::Kind kind_of(const arrow::Status& status, bool is_put) const override {
    static const std::set<std::string> k_again{"UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED",
                                               "UNKNOWN",     "CANCELLED"};
    const auto code = word_after(status.message(), "google::cloud::Status(");
    if (is_no_such_file(status) || code == "NOT_FOUND") return is_put ? RequestFailed::no_container : RequestFailed::no_object;
    if (code == "PERMISSION_DENIED" || code == "UNAUTHENTICATED") return RequestFailed::refused;
    return k_again.contains(code) ? RequestFailed::again : RequestFailed::other;
  }
  std::string container_field() const override { return "gcs_bucket"; }

  std::string credentials_remedy() const override {
    return "Set up credentials that may read and write objects there: GOOGLE_APPLICATION_CREDENTIALS names a service account's "
           "key file, `gcloud auth application-default login` makes some for a person.";
  }
};

void check(const arrow::Status& status, const char* what) {
  if (!status.ok()) throw BlobError(std::string(what) + ": " + status.message());
}

void initialize_s3() {
  static const arrow::Status ready = [] {
    std::atexit([] { std::ignore = arrow::fs::FinalizeS3(); });
    return arrow::fs::EnsureS3Initialized();
  }();
  check(ready, "S3");
}

}  // namespace

std::shared_ptr<BlobStore> BlobStore::s3(const S3Settings& settings, const std::string& bucket, const Attempts& attempts) {
  initialize_s3();
  auto options = settings.access_key_id.empty() ? arrow::fs::S3Options::Defaults()
                                                : arrow::fs::S3Options::FromAccessKey(
                                                      settings.access_key_id, settings.secret_access_key, settings.session_token);
  options.region = or_environment(settings.region, "AWS_REGION");
  if (options.region.empty()) options.region = "us-east-1";
  const auto url = or_environment(settings.endpoint_url, "AWS_ENDPOINT_URL");
  if (!url.empty()) std::tie(options.scheme, options.endpoint_override) = split_url(url);
  const auto last = std::make_shared<NoRetries>();
  options.retry_strategy = last;
  options.connect_timeout = std::min(attempts.timeout, 10.0);
  options.request_timeout = attempts.timeout;
  options.allow_delayed_open = true;  // a small object is one request
  auto made = arrow::fs::S3FileSystem::Make(options);
  check(made.status(), "S3");
  return std::make_shared<S3Store>(attempts, bucket, url.empty() ? "S3" : "S3 at " + url, *made, last);
}

std::shared_ptr<BlobStore> BlobStore::gcs(const GCSSettings& settings, const std::string& bucket, const Attempts& attempts) {
  const auto url = or_environment(settings.endpoint_url, "STORAGE_EMULATOR_HOST");
  // An emulator wants no credentials.
  auto options = url.empty() ? arrow::fs::GcsOptions::Defaults() : arrow::fs::GcsOptions::Anonymous();
  if (!url.empty()) std::tie(options.scheme, options.endpoint_override) = split_url(url);
  options.retry_limit_seconds = 0.002;
  auto made = arrow::fs::GcsFileSystem::Make(options);
  check(made.status(), "GCS");
  return std::make_shared<GCSStore>(attempts, "gs", bucket,
                                    url.empty() ? "Google Cloud Storage" : "Google Cloud Storage at " + url, *made);
}

}  // namespace headrace::blobs
