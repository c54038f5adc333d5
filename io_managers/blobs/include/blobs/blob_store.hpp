// Object stores, by Arrow's file systems: whole objects, put and got.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace arrow::fs {
class FileSystem;
}
namespace arrow::io {
class RandomAccessFile;
}

namespace headrace::blobs {

/// A request that failed; the message names the store, the object and what to do, and no secret.
struct BlobError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct S3Settings {
  std::string endpoint_url;                                     ///< empty: AWS_ENDPOINT_URL, else Amazon's
  std::string region;                                           ///< empty: AWS_REGION, else us-east-1
  std::string access_key_id, secret_access_key, session_token;  ///< empty: as the AWS SDK finds them
};
struct GCSSettings {
  std::string endpoint_url;  ///< empty: STORAGE_EMULATOR_HOST, else Google's
};

/// To be made in the worker: clients have threads, which no fork gets over.
class BlobStore {
 public:
  static std::shared_ptr<BlobStore> s3(const S3Settings& settings);
  static std::shared_ptr<BlobStore> gcs(const GCSSettings& settings);

  /// "s3://bucket/key". `path`: "bucket/key".
  std::string uri(const std::string& path) const { return scheme_ + "://" + path; }
  /// One request, or a multipart upload that is completed at its end: a reader finds the old object or the new one.
  void put(const std::string& path, const void* bytes, std::size_t size) const;
  /// Null: there is no such object.
  std::shared_ptr<arrow::io::RandomAccessFile> open(const std::string& path) const;
  std::optional<std::string> get(const std::string& path) const;

 private:
  BlobStore(std::string scheme, std::string name, std::shared_ptr<arrow::fs::FileSystem> files)
      : scheme_(std::move(scheme)), name_(std::move(name)), files_(std::move(files)) {}
  std::string scheme_, name_;
  std::shared_ptr<arrow::fs::FileSystem> files_;
};

}  // namespace headrace::blobs
