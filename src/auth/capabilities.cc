#include "auth/capabilities.h"

#include <boost/json.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "auth/jws.h"
#include "auth/key.h"
#include "json/json.h"

namespace gw::auth {
namespace {

using policy::ItemKind;
using Items = std::set<std::string, std::less<>>;
using Adapters = std::map<std::string, Items, std::less<>>;

constexpr std::pair<std::string_view, ItemKind> kinds[] = {
    {"tools", ItemKind::tool}, {"prompts", ItemKind::prompt}, {"resources", ItemKind::resource}};

std::unexpected<Error> wrong(std::string_view why) {
  return fail(Errc::invalid, "the capability header is not accepted: {}", why);
}

// The object that a claim is, or that its text holds.
Result<boost::json::object> object_of(const boost::json::value& claim) {
  if (const auto* object = claim.if_object()) return *object;
  if (!claim.is_string()) return wrong("its claim is neither a text nor an object");
  auto held = json::parse(claim.get_string(), {.max_bytes = max_token, .max_depth = 8, .unique_names = true});
  if (!held || !held->is_object()) return wrong("the text of its claim is no JSON object");
  return std::move(held->get_object());
}

Result<Items> items_of(const boost::json::value& list) {
  if (!list.is_array()) return wrong("what an adapter is given is no list");
  Items items;
  for (const boost::json::value& item : list.get_array()) {
    if (!item.is_string()) return wrong("a list has an element that is no text");
    items.emplace(item.get_string());
  }
  return items;
}

// {"namespace/name": ["item"]}
Result<Adapters> adapters_of(const boost::json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return wrong("what it says about a kind is no object");
  Adapters adapters;
  for (const auto& [key, list] : *object) {
    const std::string_view name = key;
    GW_TRY(Items items, items_of(list));
    // npos + 1 is 0.
    if (!adapters.emplace(name.substr(name.rfind('/') + 1), std::move(items)).second) {
      return wrong("it names an adapter twice, in two namespaces");
    }
  }
  return adapters;
}

Result<> check_times(const boost::json::object& claims, std::int64_t now) {
  const auto expires = date_of(claims, "exp");
  const auto not_before = date_of(claims, "nbf");
  if (!expires || !not_before) return wrong("its times are no numbers");
  if (*expires && now >= **expires) return wrong("it has expired");
  if (*not_before && now < **not_before) return wrong("it is not valid yet");
  return {};
}

}  // namespace

bool Capabilities::allows(ItemKind kind, std::string_view adapter, std::string_view item) const {
  const auto adapters = allowed_.find(kind);
  if (adapters == allowed_.end()) return false;
  const auto items = adapters->second.find(adapter);
  if (items == adapters->second.end()) return false;
  if (items->second.contains(item)) return true;
  if (kind != ItemKind::resource) return false;
  const auto uri = boost::urls::parse_uri(item);
  return uri && uri->has_authority() && items->second.contains(std::string_view(uri->encoded_authority()));
}

bool Capabilities::covers(ItemKind kind) const {
  return allowed_.contains(kind);
}

struct CapabilityVerifier::Impl {
  KeySet::Key key;
};

CapabilityVerifier::CapabilityVerifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CapabilityVerifier::~CapabilityVerifier() = default;

Result<std::shared_ptr<const CapabilityVerifier>> CapabilityVerifier::make(std::string_view public_key_pem) {
  auto key = KeySet::Key::from_p256_pem(public_key_pem);
  if (!key) {
    return fail(
        Errc::invalid,
        "the public key for capability headers is not a PEM of an EC key on P-256 (-----BEGIN PUBLIC KEY-----)");
  }
  return std::shared_ptr<const CapabilityVerifier>(
      new CapabilityVerifier(std::make_unique<Impl>(Impl{*std::move(key)})));
}

Result<Capabilities> CapabilityVerifier::verify(std::string_view token, std::int64_t now) const {
  const auto jws = read_jws(token);
  if (!jws) return wrong(jws.error().message);
  if (!impl_->key.fits(jws->algorithm)) return wrong("its algorithm is not ES256");
  if (!impl_->key.verifies(token, jws->signature_size)) return wrong("its signature is wrong");
  const auto payload = claims_of(*jws);
  if (!payload) return wrong(payload.error().message);
  const boost::json::object& claims = payload->get_object();
  GW_TRY_OK(check_times(claims, now));
  Capabilities capabilities;
  if (const auto* by_kind = claims.if_contains("allowed-capabilities")) {
    GW_TRY(const boost::json::object said, object_of(*by_kind));
    for (const auto& [name, kind] : kinds) {
      if (const auto* adapters = said.if_contains(name)) {
        GW_TRY(capabilities.allowed_[kind], adapters_of(*adapters));
      }
    }
  } else if (const auto* tools = claims.if_contains("allowed-tools")) {
    GW_TRY(const boost::json::object said, object_of(*tools));
    GW_TRY(capabilities.allowed_[ItemKind::tool], adapters_of(said));
  } else {
    return wrong("it has neither 'allowed-capabilities' nor 'allowed-tools'");
  }
  return capabilities;
}

}  // namespace gw::auth
