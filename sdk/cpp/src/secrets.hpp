// The one masker of secrets for everything the SDK writes: events, messages, stacks, log lines.
#pragma once

#include <config/secret_name.hpp>
#include <headrace/asset_key.hpp>

namespace headrace {
inline namespace sdk {

using config::is_secret_name;
void add_secret(const std::string& value);
std::string mask(const std::string& text);
/// Every text in it, labels too.
json mask_json(json value);
/// The variables of .env whose names are those of secrets; `whatever_the_name`: all but short ones and paths.
void mask_dotenv(bool whatever_the_name = false);

}  // namespace sdk
}  // namespace headrace
