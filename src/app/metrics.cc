#include "app/metrics.h"

#include "telemetry/metrics_page.h"

namespace gw::app {
namespace {

// The sum over the workers of what `get` reads from one.
template <class Get>
std::uint64_t total(const MetricsSources& sources, Get get) {
  std::uint64_t sum = 0;
  for (const WorkerCounters* worker : sources.workers) sum += static_cast<std::uint64_t>(get(*worker));
  return sum;
}

void add_server(telemetry::MetricsPage& page, const MetricsSources& sources) {
  page.counter("mcp_gateway_http_connections_total", "Connections accepted from clients.",
               total(sources, [](const WorkerCounters& w) { return w.server.connections.load(); }));
  page.gauge("mcp_gateway_http_connections_open", "Connections of clients open now.",
             total(sources, [](const WorkerCounters& w) { return w.server.open.load(); }));
  page.counter("mcp_gateway_http_connections_refused_total",
               "Connections refused above http.maxConnections or while draining.",
               total(sources, [](const WorkerCounters& w) { return w.server.refused.load(); }));
  page.counter("mcp_gateway_http_requests_total", "Requests read from clients.",
               total(sources, [](const WorkerCounters& w) { return w.server.requests.load(); }));
  page.counter("mcp_gateway_http_malformed_total",
               "Requests refused because they are not valid HTTP/1.1 or exceed a limit.",
               total(sources, [](const WorkerCounters& w) { return w.server.malformed.load(); }));
  page.counter("mcp_gateway_http_forbidden_total", "Requests refused by their Host or Origin.",
               total(sources, [](const WorkerCounters& w) { return w.front.forbidden.get(); }));
}

void add_proxy(telemetry::MetricsPage& page, const MetricsSources& sources) {
  for (std::size_t status_class = 2; status_class <= 5; ++status_class) {
    page.counter("mcp_gateway_proxy_responses_total", "Answers of the data plane, by class of status.",
                 total(sources, [=](const WorkerCounters& w) { return w.proxy.responses[status_class].get(); }),
                 {{"class", std::to_string(status_class) + "xx"}});
  }
  page.counter("mcp_gateway_proxy_sessions_opened_total", "Sessions that upstreams opened.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.sessions_opened.get(); }));
  page.counter("mcp_gateway_proxy_sessions_unknown_total",
               "Requests with a session id that is forged, expired, or whose endpoint is gone.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.sessions_unknown.get(); }));
  page.counter("mcp_gateway_proxy_upstream_failures_total",
               "Exchanges that an upstream refused, broke or did not answer in time.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.upstream_failures.get(); }));
  page.counter("mcp_gateway_router_requests_total", "Requests of clients that were passed on to routers.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.router_requests.get(); }));
  page.counter("mcp_gateway_router_diversions_total",
               "Times that a request went to another router because one could not be reached.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.router_diversions.get(); }));
  page.counter("mcp_gateway_proxy_cancelled_total", "Exchanges whose answer did not reach the client completely.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.cancelled.get(); }));
  page.gauge("mcp_gateway_proxy_streams_open", "Event streams open now.",
             total(sources, [](const WorkerCounters& w) { return w.proxy.streams_open.get(); }));
  page.counter("mcp_gateway_proxy_keepalives_total", "Comments sent on idle event streams.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.keepalives.get(); }));
  page.counter("mcp_gateway_proxy_response_bytes_total", "Bytes of answers relayed to clients.",
               total(sources, [](const WorkerCounters& w) { return w.proxy.bytes_relayed.get(); }));
  std::array<std::uint64_t, proxy::first_byte_bounds.size() + 1> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = total(sources, [=](const WorkerCounters& w) { return w.proxy.first_byte[i].get(); });
  }
  const auto nanoseconds = total(sources, [](const WorkerCounters& w) { return w.proxy.first_byte_nanoseconds.get(); });
  page.histogram("mcp_gateway_proxy_first_byte_seconds",
                 "From the request's head to the head of the upstream's answer.", proxy::first_byte_bounds, counts,
                 static_cast<double>(nanoseconds) / 1e9);
}

void add_access(telemetry::MetricsPage& page, const MetricsSources& sources) {
  page.counter("mcp_gateway_auth_unauthenticated_total",
               "Requests whose sender is not known: without credentials, or with some that were refused.",
               total(sources, [](const WorkerCounters& w) { return w.access.unauthenticated.get(); }));
  page.counter("mcp_gateway_auth_tokens_total", "Tokens accepted, by how: known already, or verified.",
               total(sources, [](const WorkerCounters& w) { return w.access.auth.token_hits.get(); }),
               {{"from", "cache"}});
  page.counter("mcp_gateway_auth_tokens_total", "Tokens accepted, by how: known already, or verified.",
               total(sources, [](const WorkerCounters& w) { return w.access.auth.verified.get(); }),
               {{"from", "signature"}});
  page.counter("mcp_gateway_access_denied_total", "Uses of servers that roles, rules, capabilities or scopes refused.",
               total(sources, [](const WorkerCounters& w) { return w.access.denied.get(); }));
  page.counter("mcp_gateway_limits_refused_total", "Requests that a limit refused.",
               total(sources, [](const WorkerCounters& w) { return w.access.limits.refused.get(); }));
  page.counter("mcp_gateway_limits_queued_total", "Requests that waited for a place under a limit.",
               total(sources, [](const WorkerCounters& w) { return w.access.limits.queued.get(); }));
  page.counter("mcp_gateway_audit_refused_total", "Requests refused because the audit trail could not take them.",
               total(sources, [](const WorkerCounters& w) { return w.access.unaudited.get(); }));
}

void add_upstream(telemetry::MetricsPage& page, const MetricsSources& sources) {
  page.counter("mcp_gateway_upstream_connections_opened_total", "Connections opened to upstreams.",
               total(sources, [](const WorkerCounters& w) { return w.pool.opened.get(); }));
  page.counter("mcp_gateway_upstream_connections_reused_total", "Requests sent on a connection that was open already.",
               total(sources, [](const WorkerCounters& w) { return w.pool.reused.get(); }));
  page.counter("mcp_gateway_upstream_connections_failed_total", "Connections to upstreams that could not be opened.",
               total(sources, [](const WorkerCounters& w) { return w.pool.failed.get(); }));
  page.counter("mcp_gateway_upstream_connections_denied_total", "Connections to upstreams that egress forbids.",
               total(sources, [](const WorkerCounters& w) { return w.pool.denied.get(); }));
}

void add_peer(telemetry::MetricsPage& page, const MetricsSources& sources) {
  const auto sum = [&](Counter peer::Counters::* counter) {
    const std::uint64_t listers = sources.listers != nullptr ? (sources.listers->*counter).get() : 0;
    return listers + total(sources, [=](const WorkerCounters& w) { return (w.peer.*counter).get(); });
  };
  page.counter("mcp_gateway_peer_calls_total", "Requests of the gateway to federated servers.",
               sum(&peer::Counters::calls));
  page.counter("mcp_gateway_peer_failures_total", "Requests to federated servers that got no answer.",
               sum(&peer::Counters::failures));
  page.counter("mcp_gateway_peer_cancelled_total", "Requests to federated servers that nobody waited for any more.",
               sum(&peer::Counters::cancelled));
  page.counter("mcp_gateway_peer_repeated_total", "Requests to federated servers that were sent again.",
               sum(&peer::Counters::repeated));
  page.counter("mcp_gateway_peer_resumed_total", "Broken event streams of federated servers that were taken up again.",
               sum(&peer::Counters::resumed));
  page.counter("mcp_gateway_peer_server_requests_total", "Requests of federated servers to clients.",
               sum(&peer::Counters::server_requests));
  page.counter("mcp_gateway_peer_probes_total", "Questions for the era of a federated server.",
               sum(&peer::Counters::probes));
  page.counter("mcp_gateway_peer_sessions_opened_total", "Sessions opened on federated servers.",
               sum(&peer::Counters::sessions_opened));
  page.counter("mcp_gateway_peer_sessions_lost_total", "Sessions that a federated server did not know any more.",
               sum(&peer::Counters::sessions_lost));
  page.counter("mcp_gateway_peer_sessions_ended_total", "Sessions on federated servers that the gateway gave up.",
               sum(&peer::Counters::sessions_ended));
  page.counter("mcp_gateway_peer_listings_total", "Lists that federated servers gave, with all their pages.",
               sum(&peer::Counters::listings));
  page.counter("mcp_gateway_peer_listing_failures_total", "Lists that federated servers did not give.",
               sum(&peer::Counters::listing_failures));
}

void add_federation(telemetry::MetricsPage& page, const MetricsSources& sources) {
  const auto sum = [&](Counter federation::Counters::* counter) {
    return total(sources, [=](const WorkerCounters& w) { return (w.federation.*counter).get(); });
  };
  page.counter("mcp_gateway_federation_requests_total", "Requests of clients at /mcp and at virtual servers.",
               sum(&federation::Counters::requests));
  page.counter("mcp_gateway_federation_calls_total", "Of them, those that were passed on to a server.",
               sum(&federation::Counters::calls));
  page.counter("mcp_gateway_federation_failed_calls_total",
               "Of them, those whose server could not be reached or answered nonsense.",
               sum(&federation::Counters::failed_calls));
  page.counter("mcp_gateway_federation_cancelled_calls_total", "Of them, those that the client cancelled.",
               sum(&federation::Counters::cancelled_calls));
  page.counter("mcp_gateway_federation_sessions_total", "Sessions of legacy clients, begun.",
               sum(&federation::Counters::sessions));
  page.counter("mcp_gateway_federation_views_total", "Lists that were joined anew.", sum(&federation::Counters::views));
  page.counter("mcp_gateway_federation_announcements_total", "Notifications to clients that a list changed.",
               sum(&federation::Counters::announcements));
  page.counter("mcp_gateway_federation_questions_total", "Requests of servers that were put to clients.",
               sum(&federation::Counters::questions));
  page.counter("mcp_gateway_federation_streams_total", "Streams of notifications, opened.",
               sum(&federation::Counters::streams));
}

void add_control(telemetry::MetricsPage& page, const MetricsSources& sources) {
  page.gauge("mcp_gateway_adapters", "Adapters registered.", sources.control.adapters.get());
  page.gauge("mcp_gateway_adapters_ready", "Adapters with at least one ready endpoint.",
             sources.control.adapters_ready.get());
  page.counter("mcp_gateway_config_reloads_total", "Configuration files read while running, by outcome.",
               sources.control.reloads_applied.get(), {{"outcome", "applied"}});
  page.counter("mcp_gateway_config_reloads_total", "Configuration files read while running, by outcome.",
               sources.control.reloads_rejected.get(), {{"outcome", "rejected"}});
  page.counter("mcp_gateway_catalogue_definitions_changed_total",
               "Tools, prompts and resources that federated servers define differently than before.",
               sources.control.definitions_changed.get());
  page.gauge("mcp_gateway_catalogue_quarantined", "Definitions of pinned adapters that wait for approval.",
             sources.control.definitions_quarantined.get());
  page.gauge("mcp_gateway_stdio_processes", "Processes of stdio servers running now.",
             static_cast<double>(sources.stdio_processes));
}

}  // namespace

std::string metrics_text(const MetricsSources& sources) {
  telemetry::MetricsPage page;
  add_server(page, sources);
  add_proxy(page, sources);
  add_access(page, sources);
  add_upstream(page, sources);
  add_peer(page, sources);
  add_federation(page, sources);
  add_control(page, sources);
  return page.text();
}

std::map<std::string, std::uint64_t> status_figures(const MetricsSources& sources) {
  return {{"connectionsOpen", total(sources, [](const WorkerCounters& w) { return w.server.open.load(); })},
          {"requests", total(sources, [](const WorkerCounters& w) { return w.server.requests.load(); })},
          {"sessionsOpened", total(sources, [](const WorkerCounters& w) { return w.proxy.sessions_opened.get(); })},
          {"streamsOpen", total(sources, [](const WorkerCounters& w) { return w.proxy.streams_open.get(); })},
          {"upstreamFailures", total(sources, [](const WorkerCounters& w) { return w.proxy.upstream_failures.get(); })},
          {"stdioProcesses", sources.stdio_processes}};
}

}  // namespace gw::app
