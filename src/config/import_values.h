// Values of other programs' server lists in the gateway's terms.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gw::config {

// `${input:token}` and `${TOKEN}` become `${env:TOKEN}`; other variables of editors become plain text. `where` begins
// the sentences that are added to `warnings`. `inputs` has the descriptions of VS Code's inputs by id.
std::string import_value(std::string_view value, const std::string& where,
                         const std::map<std::string, std::string>& inputs, std::vector<std::string>& warnings);

// Whether text has anything of the form `${…}`.
bool has_variables(std::string_view text);

// Whether a value without references is probably a secret, judged by its name or its beginning.
bool looks_secret(std::string_view name, std::string_view value);

}  // namespace gw::config
