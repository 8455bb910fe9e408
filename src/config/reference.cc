#include "config/reference.h"

#include <boost/json.hpp>

#include "config/tables.h"
#include "json/json.h"
#include "schema/markdown.h"

namespace gw::config {
namespace {

constexpr const char* introduction = R"(# Configuration reference

<!-- Made by `mcp-gateway config docs`. Do not edit. -->

The gateway reads one YAML file, `mcp-gateway.yaml`. Every member is optional unless it says otherwise; a gateway without
a file listens on 127.0.0.1:8000 with no servers.

```yaml
servers:
  - name: files
    command: npx
    args: ["-y", "@modelcontextprotocol/server-filesystem", "/srv/docs"]
  - name: search
    url: https://search.example.org/mcp
    credential: Bearer ${env:SEARCH_TOKEN}
```

* `mcp-gateway config validate FILE` shows everything that is wrong with a file, with line, column and a suggestion.
* `mcp-gateway config schema` prints a JSON Schema for editors.
* Unknown and duplicate members are errors. Anchors, aliases and merge keys (`<<`) work.
* Changes are picked up while the gateway runs, as a whole or not at all. Those of members that need a restart are
  reported and wait for it.
* Durations are written as `250ms`, `30s`, `5m`, `1h30m`; sizes as a number of bytes or `64KiB`, `16MiB`.
* Relative paths start at the folder of the file.
* `${env:NAME}`, `${file:/path}` and `${secret:NAME}` (set with `mcp-gateway secrets set`) in headers, credentials and
  environment variables of servers are replaced when they are used; `$${` stands for a plain `${`.

## Members

)";

}  // namespace

std::string schema_text() {
  boost::json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                             {"title", "mcp-gateway.yaml"}};
  for (auto& [name, value] : config_object().table().json_schema()) schema[name] = std::move(value);
  return json::to_pretty_text(schema);
}

std::string reference_page() {
  std::string page = introduction + schema::markdown_reference(config_object().table(), 3);
  while (page.ends_with("\n\n")) page.pop_back();
  return page;
}

}  // namespace gw::config
