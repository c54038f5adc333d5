// Which names usually belong to secrets; sdk/python/headrace/secret_names.py says the same.
#pragma once

#include <string>

namespace headrace::config {

/// Whether a field or variable of this name usually holds a secret: `password`, `API_KEY`, `sas_token`.
bool is_secret_name(const std::string& name);

}  // namespace headrace::config
