// Tables of fields: the single description of an object from which it is read, written, checked for unknown members,
// and documented.
//
//   Object<Tls> tls;
//   tls.field("certFile", &Tls::cert_file, text(), "PEM file with the certificate chain.", {.required = true});
//   tls.field("keyFile", &Tls::key_file, text(), "PEM file with the private key.", {.required = true});
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schema/type.h"

namespace gw::schema {

struct FieldOptions {
  bool required = false;
  bool restart = false;                   // A change takes effect only after a restart.
  std::string default_text = {};          // Shown instead of a default value that says nothing.
  std::vector<std::string> aliases = {};  // Other names that are read, never written.
};

struct Field {
  std::string name;
  std::string doc;  // Sentences for the reference.
  TypePtr type;
  FieldOptions options;
  std::function<void*(void*)> member;  // The address of the field in an object.

  const void* in(const void* object) const { return member(const_cast<void*>(object)); }
};

class Table final : public Type {
 public:
  explicit Table(std::function<std::shared_ptr<void>()> make) : make_(std::move(make)) {}

  // Reads members in the order of the text. Reports unknown members with a suggestion, missing required ones, and
  // fields that are given twice under two names. A null member counts as absent.
  void read(const Node& node, void* value, Report& report) const override;
  // All fields in the order of the table.
  boost::json::value write(const void* value) const override;
  boost::json::object json_schema() const override;
  std::string name() const override { return "object"; }
  const Table* table() const override { return this; }

  const std::vector<Field>& fields() const { return fields_; }
  const Field* find(std::string_view name) const;  // By name or alias.
  // What an object has before it is read; null for a required field or one without a default.
  boost::json::value default_of(const Field& field) const;

  void add(Field field) { fields_.push_back(std::move(field)); }
  // Members that are taken and ignored, such as those that only the gateway writes.
  void ignore(std::string name) { ignored_.push_back(std::move(name)); }
  // A member that is known but has no place here: the sentence says why not, instead of that it is unknown.
  void refuse(std::string name, std::string sentence) { refused_.emplace(std::move(name), std::move(sentence)); }
  const std::map<std::string, std::string, std::less<>>& refused() const { return refused_; }

 private:
  void read_unknown(const Member& member, Report& report) const;
  void read_member(const Member& member, void* value, std::vector<const Field*>& seen, Report& report) const;
  std::string unknown(std::string_view name) const;

  std::function<std::shared_ptr<void>()> make_;
  std::vector<Field> fields_;
  std::vector<std::string> ignored_;
  std::map<std::string, std::string, std::less<>> refused_;
};

template <class S>
class Object {
 public:
  Object() : table_(std::make_shared<Table>([] { return std::static_pointer_cast<void>(std::make_shared<S>()); })) {}

  template <class M>
  Object& field(std::string name, M S::* member, Of<M> type, std::string doc, FieldOptions options = {}) {
    table_->add({std::move(name), std::move(doc), std::move(type.type), std::move(options),
                 [member](void* object) -> void* { return &(static_cast<S*>(object)->*member); }});
    return *this;
  }
  // Takes over the field `name` of a part's table, under another name and options when given.
  template <class Part>
  Object& include(const Object<Part>& object, Part S::* part, std::string_view name, std::string as = {},
                  FieldOptions options = {}) {
    Field field = *object.table().find(name);
    if (!as.empty()) field.name = std::move(as);
    options.required = options.required || field.options.required;
    field.options = std::move(options);
    field.member = [part, inner = std::move(field.member)](void* whole) {
      return inner(&(static_cast<S*>(whole)->*part));
    };
    table_->add(std::move(field));
    return *this;
  }
  // Takes over a field of another table for the same struct.
  Object& take(Field field) {
    table_->add(std::move(field));
    return *this;
  }
  Object& ignore(std::string name) {
    table_->ignore(std::move(name));
    return *this;
  }
  Object& refuse(std::string name, std::string sentence) {
    table_->refuse(std::move(name), std::move(sentence));
    return *this;
  }

  Of<S> type() const { return {table_}; }
  const Table& table() const { return *table_; }

 private:
  std::shared_ptr<Table> table_;
};

}  // namespace gw::schema
