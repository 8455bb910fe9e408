#include "jsonschema/schema.h"

#include <fmt/core.h>

#include "jsonschema/compiler.h"
#include "jsonschema/evaluation.h"

namespace gw::jsonschema {

std::expected<Schema, std::vector<Problem>> Schema::compile(std::string_view json, const Limits& limits) {
  if (json.size() > limits.max_bytes) {
    return std::unexpected(std::vector{
        Problem{"", fmt::format("has {} bytes, a schema may have at most {}", json.size(), limits.max_bytes)}});
  }
  const auto compiled = std::make_shared<Compiled>();
  compiled->limits = limits;
  compiled->text = json;
  auto document = Document::parse(compiled->text, limits.max_depth, limits.max_values);
  if (!document) return std::unexpected(std::vector{std::move(document).error()});
  compiled->document = *std::move(document);
  auto problems = Compiler(*compiled).run();
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return Schema(compiled);
}

std::vector<Problem> Schema::check(std::string_view instance, std::size_t most) const {
  const auto document = Document::parse(instance, compiled_->limits.max_depth, compiled_->limits.max_values);
  if (!document) return {document.error()};
  return Evaluation(*compiled_, most).run(document->root());
}

}  // namespace gw::jsonschema
