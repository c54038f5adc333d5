// Object stores: whole objects, put and got, with retries, and errors that say what to do.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace arrow {
class Buffer;
}

namespace headrace::blobs {

/// A request that failed for good; the message names the store, the object and what to do, and no secret.
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
struct ADLS2Settings {
  std::string account;
  std::string sas_token;    ///< with or without its leading "?"
  std::string account_key;  ///< where there is no token
  std::string endpoint;     ///< of the blob service; empty: HEADRACE_ADLS2_ENDPOINT, else Azure's
  std::string endpoint_suffix = "core.windows.net";
  std::size_t part_size = 64 << 20;  ///< larger objects are sent in parts of so many bytes
};

/// How long requests are tried: the delay before the second attempt doubles with each further one.
struct Attempts {
  int most = 5;
  double delay = 0.5, timeout = 60;  ///< seconds
};

/// What goes on while a request is tried again.
struct Watch {
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  std::function<void()> check = [] {};  ///< throws where the wait shall end
};

/// What one attempt came to, in one form for all stores.
struct RequestFailed {
  enum Kind { other, again, no_object, no_container, refused };
  Kind kind = other;
  std::string what;  ///< "503 ServerBusy"
};

struct Receipt {
  std::string content_hash;  ///< SHA-256 of the bytes
  std::string etag;          ///< empty: the store did not say
};

/// One bucket or container. To be made in the worker: clients have threads, which no fork gets over.
///
/// A value is sent when it is complete, as one request, or in parts that the store puts together at the end: whatever dies in
/// between, the store has the old object or the new one. Nothing is asked before it is needed: neither whether the bucket is
/// there, which the credentials may not allow, nor for folders, which there are none of.
class BlobStore {
 public:
  static std::shared_ptr<BlobStore> s3(const S3Settings& settings, const std::string& bucket, const Attempts& attempts);
  static std::shared_ptr<BlobStore> gcs(const GCSSettings& settings, const std::string& bucket, const Attempts& attempts);
  static std::shared_ptr<BlobStore> adls2(const ADLS2Settings& settings, const std::string& container, const Attempts& attempts);
  virtual ~BlobStore() = default;

  Receipt put(const std::string& key, const arrow::Buffer& bytes, const Watch& watch = {}) const;
  /// Null: there is no such object.
  std::shared_ptr<arrow::Buffer> get(const std::string& key, const Watch& watch = {}) const;
  /// For people: "s3://bucket/key".
  virtual std::string address(const std::string& key) const = 0;
  /// The address, percent-encoded.
  std::string uri(const std::string& key) const;

 protected:
  explicit BlobStore(const Attempts& attempts) : attempts_(attempts) {}
  /// One attempt each; they throw RequestFailed. The object's etag, or "".
  virtual std::string upload(const std::string& key, const arrow::Buffer& bytes) const = 0;
  virtual std::shared_ptr<arrow::Buffer> download(const std::string& key) const = 0;
  /// For people: which bucket of which account or endpoint; where it is named in the config; what to do where credentials are
  /// refused.
  virtual std::string where() const = 0;
  virtual std::string container_field() const = 0;
  virtual std::string credentials_remedy() const = 0;

 private:
  template <class Operation>
  auto attempt(const std::string& what, const Watch& watch, const Operation& operation) const;
  [[noreturn]] void raise(const std::string& what, const RequestFailed& failed) const;
  Attempts attempts_;
};

/// Percent-encoded, but for letters, digits, "-._~" and what `kept` has.
std::string percent_encoded(const std::string& text, const std::string& kept);
std::string percent_decoded(const std::string& text);
/// What was given, else the variable, else "".
std::string or_environment(const std::string& given, const char* variable);

}  // namespace headrace::blobs
