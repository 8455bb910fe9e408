#include "config/federation_tables.h"

namespace gw::config {
namespace {

using catalogue::FederationOptions;
using catalogue::OverrideOptions;
using catalogue::PrefixMode;
using catalogue::VirtualServer;
using schema::boolean;
using schema::choice;
using schema::filled;
using schema::list;
using schema::map;
using schema::Object;
using schema::optional;
using schema::small_count;
using schema::text;
using schema::texts;

Object<OverrideOptions> override_object() {
  using O = OverrideOptions;
  Object<O> object;
  object.field("server", &O::server, text(), "The server whose items are meant.", {.required = true})
      .field("tool", &O::tool, text(),
             "A pattern for the names of tools, as their server calls them: `*` stands for any text, `?` for one "
             "character. One override is about tools, prompts or resources; the first that fits an item counts.")
      .field("prompt", &O::prompt, text(), "The same for prompts.")
      .field("resource", &O::resource, text(), "The same for the addresses of resources and for templates.")
      .field("hide", &O::hide, boolean(), "Not shown and not to be used.")
      .field("rename", &O::rename, text(),
             "Another name, before any prefix. For a tool or prompt that is named without `*` and `?`.")
      .field("description", &O::description, text(), "Another description.")
      .field("annotations", &O::annotations, filled(map("hint", boolean())),
             "Hints of tools: `readOnlyHint`, `destructiveHint`, `idempotentHint`, `openWorldHint`. They are shown, "
             "and the policy goes by them.");
  return object;
}

}  // namespace

Object<FederationOptions> federation_object() {
  using F = FederationOptions;
  Object<F> federation;
  federation
      .field(
          "prefixMode", &F::prefix_mode,
          choice<PrefixMode>(
              {{"conditional", PrefixMode::conditional}, {"always", PrefixMode::always}, {"never", PrefixMode::never}}),
          "Which tools and prompts get the name of their server before their own: those whose name an earlier server "
          "has, all, or none. A server's own `toolPrefix` is put before all of its names, but with `never`. What "
          "still has the name of another is hidden, and `/status` says so. With `always` the addresses of all "
          "resources are mapped, else those that several servers have.")
      .field("separator", &F::separator, text(), "Between the name of the server and the name of the tool.")
      .field("pageSize", &F::page_size, small_count(0, 100'000),
             "How many items a list has before it goes on at a cursor. 0 means all of them.")
      .field("instructions", &F::instructions, text(), "What clients are told at the start, for their model.")
      .field("serverInstructions", &F::server_instructions, boolean(),
             "Tell clients what the servers say at the start, too.")
      .field("metaTools", &F::meta_tools, boolean(),
             "Offer tools that find tools: `search_tools`, `discover_tools`, `select_tools`, and two for tags.")
      .field("toolThreshold", &F::tool_threshold, small_count(0, 1'000'000),
             "A client that would see more tools than this is shown the meta-tools instead of the list. 0 means never.")
      .field("contextBudget", &F::context_budget, small_count(0, 1'000'000'000),
             "The same for the estimated tokens of the list (a quarter of its bytes). 0 means never.")
      .field("overrides", &F::overrides, list(override_object().type()),
             "Changes of what servers say about themselves.");
  return federation;
}

Object<VirtualServer> virtual_server_object() {
  using V = VirtualServer;
  Object<V> server;
  server
      .field("name", &V::name, text(),
             "Names it in `/servers/{name}/mcp` and in the header `x-mcp-virtualserver`; may be `namespace/name`.",
             {.required = true})
      .field("description", &V::description, text(), "For people.")
      .field("instructions", &V::instructions, text(),
             "What clients are told at the start instead of what servers say.")
      .field("servers", &V::servers, optional(texts()),
             "Patterns for the names of servers. Here and below: `*` stands for any text and `?` for one character; "
             "without the list everything is in, with an empty one nothing.")
      .field("tools", &V::tools, optional(texts()), "Patterns for the names of tools, as clients see them.")
      .field("prompts", &V::prompts, optional(texts()), "Patterns for the names of prompts, as clients see them.")
      .field("resources", &V::resources, optional(texts()),
             "Patterns for the addresses of resources and for templates, as clients see them.")
      .field("tags", &V::tags, optional(texts()), "Tags, one of which the server has.")
      .field("annotations", &V::annotations, filled(map("hint", boolean())),
             "What the server or an override says about a tool: `readOnlyHint`, `destructiveHint`, `idempotentHint`, "
             "`openWorldHint`. All must agree.");
  return server;
}

}  // namespace gw::config
