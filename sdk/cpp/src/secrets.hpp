// The one masker of secrets for everything the SDK writes: events, messages, stacks, log lines.
#pragma once

#include <headrace/asset_key.hpp>

namespace headrace {
inline namespace sdk {

/// Whether a field or variable of this name usually holds a secret: `password`, `API_KEY`, `sas_token`.
bool is_secret_name(const std::string& name);
void add_secret(const std::string& value);
std::string mask(const std::string& text);
/// Every text in it, labels too.
json mask_json(json value);
/// The variables of .env whose names are those of secrets; `whatever_the_name`: all but short ones and paths.
void mask_dotenv(bool whatever_the_name = false);

}  // namespace sdk
}  // namespace headrace
