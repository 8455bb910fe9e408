#include "federation/change_stream.h"

#include <algorithm>

#include "base/strings.h"
#include "federation/meta_tools.h"
#include "federation/results.h"
#include "federation/target.h"
#include "mcp/json_text.h"
#include "runtime/backoff.h"
#include "runtime/random.h"

namespace gw::federation {
namespace {

using catalogue::Kind;

constexpr std::string_view methods[] = {"notifications/tools/list_changed", "notifications/prompts/list_changed",
                                        "notifications/resources/list_changed"};
constexpr Duration first_retry = std::chrono::seconds(1);
constexpr Duration longest_retry = std::chrono::seconds(60);

}  // namespace

// The resources of one server, as it knows them.
class ChangeStream::Source final : peer::Listener {
 public:
  Source(ChangeStream& stream, std::string name, std::set<std::string> uris)
      : stream_(stream), name_(std::move(name)), uris_(std::move(uris)) {
    tasks_.spawn("federation.listen", run());
  }
  const std::set<std::string>& uris() const { return uris_; }

 private:
  Task<> run() {
    Duration pause = first_retry;
    while (true) {
      const bool heard_before = heard_;
      peer::Ask ask{.client = stream_.caller_.client, .method = "resources/subscribe"};
      ask.request_id = stream_.caller_.use.request_id;
      if (const auto route = stream_.worker_.backends.route(name_)) {
        ask.identity_fields = stream_.worker_.access.identity_fields(*stream_.caller_.client->who, *route);
      }
      const auto ended = co_await stream_.worker_.backends.listen(name_, std::move(ask), {.uris = list()}, *this);
      if (!ended && ended.error().code() == Errc::unsupported) co_return;
      pause = heard_ && !heard_before ? first_retry : std::min(pause * 2, longest_retry);
      co_await sleep_for(pause);
    }
  }
  std::vector<std::string> list() const { return {uris_.begin(), uris_.end()}; }

  // What happened while nobody listened is not known, so everything may have.
  void listening(const peer::Interest& honoured) override {
    if (std::exchange(heard_, true)) {
      for (const std::string& uri : honoured.uris)
        stream_.updated(name_, fmt::format(R"({{"uri":{}}})", json_quote(uri)));
    }
  }
  // The session on the server may be that of several clients, each with resources of its own.
  void heard(std::string_view method, std::string_view params) override {
    if (method != "notifications/resources/updated") return;
    const std::string_view uri = mcp::json_member(params, "uri");
    if (mcp::is_json_string(uri) && concerns(mcp::json_unquote(uri))) stream_.updated(name_, params);
  }
  // Whether it is one of the resources, or part of one.
  bool concerns(std::string_view uri) const {
    return std::ranges::any_of(uris_, [uri](std::string_view whole) {
      if (!uri.starts_with(whole)) return false;
      return uri.size() == whole.size() || whole.ends_with('/') || std::string_view("/?#").contains(uri[whole.size()]);
    });
  }

  ChangeStream& stream_;
  const std::string name_;
  const std::set<std::string> uris_;
  bool heard_ = false;
  TaskGroup tasks_;
};

ChangeStream::ChangeStream(Worker& worker, Caller caller, Wanted wanted, std::string subscription,
                           std::shared_ptr<streamable::Mailbox> box)
    : worker_(worker),
      caller_(std::move(caller)),
      server_name_(caller_.server != nullptr ? caller_.server->name : std::string()),
      wanted_(std::move(wanted)),
      subscription_(std::move(subscription)),
      box_(std::move(box)),
      known_(listed()),
      expiry_(*Loop::current(), [this] { box_->close(); }) {
  Visibility visible(worker_.access, worker_.backends, caller_);
  std::erase_if(wanted_.uris, [&](const std::string& uri) { return !find_resource(caller_, visible, uri); });
}

ChangeStream::~ChangeStream() = default;

void ChangeStream::start() {
  worker_.counters.streams.add();
  const std::int64_t expires = caller_.client->who->expires;
  if (expires > 0) expiry_.arm(steady_now() + std::chrono::seconds(std::max<std::int64_t>(expires - unix_now(), 0)));
  tasks_.spawn("federation.lists", watch_lists());
  if (caller_.session) tasks_.spawn("federation.session", watch_session());
  watch_resources();
}

std::string ChangeStream::honoured() const {
  std::string out = "{";
  const auto add = [&out](std::string_view member, std::string_view raw) {
    if (out.size() > 1) out += ',';
    out.append(json_quote(member)).append(":").append(raw);
  };
  if (wanted_.tools) add("toolsListChanged", "true");
  if (wanted_.prompts) add("promptsListChanged", "true");
  if (wanted_.resources) add("resourcesListChanged", "true");
  if (!wanted_.uris.empty()) {
    std::string list;
    for (const std::string& uri : wanted_.uris) list.append(list.empty() ? "" : ",").append(json_quote(uri));
    add("resourceSubscriptions", "[" + list + "]");
  }
  out += '}';
  return out;
}

bool ChangeStream::refresh() {
  caller_.offer = worker_.offer;
  if (caller_.server == nullptr) return true;
  const auto found = caller_.offer->virtual_servers.find(server_name_);
  caller_.server = found == caller_.offer->virtual_servers.end() ? nullptr : &found->second;
  return caller_.server != nullptr;
}

ChangeStream::Hashes ChangeStream::hashes() {
  const auto hash = [this](bool wanted, Kind kind) {
    return wanted ? worker_.views.view(caller_, kind)->hash : std::string();
  };
  return {wanted_.tools ? tools_shown(worker_, caller_).hash : std::string(), hash(wanted_.prompts, Kind::prompt),
          hash(wanted_.resources, Kind::resource) + hash(wanted_.resources, Kind::resource_template)};
}

// What the client was shown last, where that is known.
ChangeStream::Hashes ChangeStream::listed() {
  Hashes now = hashes();
  if (!caller_.session) return now;
  const SessionRecordPtr record = worker_.shared.sessions.find(caller_.session->id);
  const auto& shown = record->listed;
  const auto of = [&shown](Kind kind) -> const std::string& { return shown[static_cast<std::size_t>(kind)]; };
  if (!of(Kind::tool).empty()) now[0] = of(Kind::tool);
  if (!of(Kind::prompt).empty()) now[1] = of(Kind::prompt);
  if (!of(Kind::resource).empty() && !of(Kind::resource_template).empty()) {
    now[2] = of(Kind::resource) + of(Kind::resource_template);
  }
  return now;
}

void ChangeStream::tell_of_lists() {
  Hashes now = hashes();
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] == known_[i]) continue;
    worker_.counters.announcements.add();
    notify(methods[i], "{}");
  }
  known_ = std::move(now);
}

Task<> ChangeStream::watch_lists() {
  while (true) {
    tell_of_lists();
    co_await worker_.changed;
    const bool known = caller_.by_gateway || worker_.access.recognizes(*caller_.client->who);
    if (!known || !refresh()) co_return box_->close();
    watch_resources();
  }
}

Task<> ChangeStream::watch_session() {
  const std::string& id = caller_.session->id;
  SessionMemory::Watch watch(worker_.shared.sessions, id);
  const std::uint64_t ours = random_u64() | 1U;
  worker_.shared.sessions.change(id, [ours](SessionRecord& record) { record.stream = ours; }, false);
  auto selected = worker_.shared.sessions.find(id)->selected;
  while (true) {
    const SessionRecordPtr record = worker_.shared.sessions.find(id);
    if (record->ended || record->stream != ours) co_return box_->close();
    if (record->selected != selected) tell_of_lists();
    selected = record->selected;
    if (wanted_.uris != record->subscriptions) {
      wanted_.uris = record->subscriptions;
      watch_resources();
    }
    co_await watch.changed();
    watch.changed().reset();
  }
}

void ChangeStream::watch_resources() {
  Visibility visible(worker_.access, worker_.backends, caller_);
  std::map<std::string, std::set<std::string>> by_source;
  for (const std::string& uri : wanted_.uris) {
    if (const auto target = find_resource(caller_, visible, uri))
      by_source[target->source].insert(target->upstream_name);
  }
  std::erase_if(sources_, [&](const auto& entry) {
    const auto found = by_source.find(entry.first);
    return found == by_source.end() || found->second != entry.second->uris();
  });
  for (auto& [source, uris] : by_source) {
    auto& watching = sources_[source];
    if (watching == nullptr) watching = std::make_unique<Source>(*this, source, std::move(uris));
  }
}

void ChangeStream::updated(std::string_view source, std::string_view params) {
  const std::string upstream_uri = mcp::json_unquote(mcp::json_member(params, "uri"));
  const std::string uri = caller_.snapshot().client_address(source, upstream_uri);
  notify("notifications/resources/updated", with_members(params, {{"uri", json_quote(uri)}}));
}

void ChangeStream::notify(std::string_view method, std::string params) {
  if (!subscription_.empty()) {
    const std::string id = fmt::format(R"({{"io.modelcontextprotocol/subscriptionId":{}}})", subscription_);
    params = with_members(params, {{"_meta", id}});
  }
  const std::string tail = params == "{}" ? std::string() : ",\"params\":" + params;
  box_->put(fmt::format(R"({{"jsonrpc":"2.0","method":{}{}}})", json_quote(method), tail));
}

}  // namespace gw::federation
