// Keeps secrets out of what people see. The SDKs mask at the source, where they know the values; here is the second line:
// known values, and what looks like a credential in the users' own output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headrace::config {

/// Overwrites with "*", in place and of equal length (so that offsets into a file stay true), what looks like a credential:
/// passwords in URLs (scheme://user:password@host), signatures and tokens in query strings (SAS sig=, X-Amz-Signature=,
/// X-Goog-Signature= …), AccountKey= and the like, Authorization headers and bearer tokens, private keys in PEM.
/// Give whole lines: a credential that is cut in two is not recognized.
void mask_credentials(std::string& text);

/// In source code: what stands in quotes behind the name of a secret (password = "…", {"api_key": '…'}) becomes "***". Line
/// breaks stay.
void mask_literals(std::string& code);

/// Masks known values, in plain, percent-encoded and JSON-escaped form, and then what mask_credentials() masks.
class Redactor {
 public:
  /// Values of fewer than 4 characters are ignored: masking them would make any text unreadable and hide nothing.
  void add(std::string_view secret);
  std::string redact(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  // longest first
};

}  // namespace headrace::config
