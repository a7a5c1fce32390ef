#include "rest/resource_form.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "gateway/kinds.hpp"

namespace unigate::rest {

namespace {

using Need = FieldReader::Need;

constexpr std::size_t kListTextCharsMax = 5000;

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string adapterName(const FieldSpec& spec) {
  if (!spec.adapter.empty()) return std::string(spec.adapter);
  const std::string name(spec.name);
  if (spec.is == FieldIs::time && endsWith(name, "_at")) {
    return name.substr(0, name.size() - 3) + "_unix_s";
  }
  if (spec.is == FieldIs::reference) {
    return (endsWith(name, "_id") ? name.substr(0, name.size() - 3) : name) + "_provider_id";
  }
  return name;
}

class FormReading {
 public:
  FormReading(const Call& call, Form& form) : call_(call), form_(form) {}

  // One level of the body. `forAdapter` and `forClient` are inside an object.
  void read(std::span<const FieldSpec> specs, FieldReader& fields, json::Writer& forAdapter,
            json::Writer& forClient) {
    for (const FieldSpec& spec : specs) {
      const Need need = spec.required ? Need::required : Need::optional;
      readOne(spec, need, fields, forAdapter, forClient);
    }
  }

  void currencyOf(std::string_view currency) { currency_ = currency; }

 private:
  template <typename T>
  void both(const FieldSpec& spec, const std::optional<T>& value, json::Writer& forAdapter,
            json::Writer& forClient) {
    if (!value) return;
    forAdapter.member(adapterName(spec), *value);
    forClient.member(spec.name, *value);
  }

  void readOne(const FieldSpec& spec, Need need, FieldReader& fields, json::Writer& forAdapter,
               json::Writer& forClient) {
    switch (spec.is) {
      case FieldIs::text:
        return both(spec, fields.text(spec.name, need, spec.max), forAdapter, forClient);
      case FieldIs::secretive:
        return secretive(spec, fields.text(spec.name, need, spec.max, 4), forAdapter, forClient);
      case FieldIs::email:
        return both(spec, fields.email(spec.name, need), forAdapter, forClient);
      case FieldIs::phone:
        return both(spec, fields.phone(spec.name, need), forAdapter, forClient);
      case FieldIs::url:
        return both(spec, fields.url(spec.name, need), forAdapter, forClient);
      case FieldIs::currency:
        return money(spec, fields.currency(spec.name, need), forAdapter, forClient);
      case FieldIs::amount:
        return money(spec, fields.amount(spec.name, need, currency_), forAdapter, forClient);
      case FieldIs::flag:
        return both(spec, fields.flag(spec.name), forAdapter, forClient);
      case FieldIs::number:
      case FieldIs::count:
        return both(spec,
                    fields.number(spec.name, need, spec.is == FieldIs::count ? 0 : 1,
                                  static_cast<std::int64_t>(spec.max)),
                    forAdapter, forClient);
      case FieldIs::time:
        return time(spec, fields.time(spec.name, need), forAdapter, forClient);
      case FieldIs::word:
        return both(spec, fields.oneOf(spec.name, need, std::span(spec.words)), forAdapter,
                    forClient);
      case FieldIs::texts:
        return texts(spec, fields.texts(spec.name, need, spec.max, kListTextCharsMax), forAdapter,
                     forClient);
      case FieldIs::textMap:
        return raw(spec, fields.textMap(spec.name, need, spec.max), forAdapter, forClient);
      case FieldIs::metadata:
        return raw(spec, fields.metadata(), forAdapter, forClient);
      case FieldIs::ownMetadata:
        return void(forClient.key(spec.name).rawJson(fields.metadata()));
      case FieldIs::reference:
        return reference(spec, fields.text(spec.name, need, 64), forAdapter, forClient);
      case FieldIs::paymentMethod:
        return paymentMethod(spec, fields.text(spec.name, need, 255), forAdapter, forClient);
      case FieldIs::object:
      case FieldIs::flat:
        return object(spec, fields.member(spec.name, need), fields, forAdapter, forClient);
      case FieldIs::gathered:
        forAdapter.key(adapterName(spec)).beginObject();
        read(spec.members, fields, forAdapter, forClient);
        return void(forAdapter.endObject());
      case FieldIs::objects:
        return objects(spec, fields.member(spec.name, need), fields, forAdapter, forClient);
    }
  }

  void secretive(const FieldSpec& spec, const std::optional<std::string>& value,
                 json::Writer& forAdapter, json::Writer& forClient) {
    if (!value) return;
    forAdapter.member(adapterName(spec), *value);
    forClient.member(spec.name, "****" + value->substr(value->size() - 4));
  }

  void money(const FieldSpec& spec, const std::optional<std::string>& value,
             json::Writer& forAdapter, json::Writer& forClient) {
    if (value && form_.currency.empty()) form_.currency = *value;
    both(spec, value, forAdapter, forClient);
  }
  void money(const FieldSpec& spec, const std::optional<std::int64_t>& value,
             json::Writer& forAdapter, json::Writer& forClient) {
    if (value && form_.amount == 0) form_.amount = *value;
    both(spec, value, forAdapter, forClient);
  }

  void time(const FieldSpec& spec, const std::optional<std::int64_t>& seconds,
            json::Writer& forAdapter, json::Writer& forClient) {
    if (!seconds) return;
    forAdapter.member(adapterName(spec), *seconds);
    forClient.member(spec.name, base::toRfc3339(*seconds * 1000));
  }

  void texts(const FieldSpec& spec, const std::vector<std::string>& list, json::Writer& forAdapter,
             json::Writer& forClient) {
    if (list.empty()) return;
    for (json::Writer* out : {&forAdapter, &forClient}) {
      out->key(out == &forAdapter ? adapterName(spec) : std::string(spec.name)).beginArray();
      for (const std::string& each : list) out->value(each);
      out->endArray();
    }
  }

  void raw(const FieldSpec& spec, const std::string& text, json::Writer& forAdapter,
           json::Writer& forClient) {
    if (text.empty()) return;
    forAdapter.key(adapterName(spec)).rawJson(text);
    forClient.key(spec.name).rawJson(text);
  }

  void problem(int status, std::string code, std::string detail, std::string_view param) {
    if (form_.problem) return;
    form_.problem =
        base::Problem{status, std::move(code), std::move(detail), std::string(param), false, 0, {}};
  }

  // The row must live where everything else that the body names does.
  bool pin(const store::ResourceRecord& row, std::string_view param) {
    if (!form_.pinned.empty() && form_.pinned != row.provider) {
      problem(422, "wrong_provider",
              std::string(param) + " lives at " + row.provider +
                  ", something else in this request at " + form_.pinned + ".",
              param);
      return false;
    }
    form_.pinned = row.provider;
    return true;
  }

  void reference(const FieldSpec& spec, const std::optional<std::string>& id,
                 json::Writer& forAdapter, json::Writer& forClient) {
    if (!id) return;
    const std::string kind(spec.kind);
    auto row = call_.gateway.reader().resourceById(call_.tenant.orgId, call_.tenant.environment,
                                                   kind, *id);
    if (!row) {
      if (!form_.problem) form_.problem = row.error();
      return;
    }
    if (!row->has_value() || (*row)->status == "deleted") {
      return problem(422, "unknown_" + kind, "There is no " + kind + " with this id.", spec.name);
    }
    if ((*row)->providerId.empty()) {
      return problem(409, kind + "_processing",
                     "This " + kind + " is still being created; try again shortly.", spec.name);
    }
    if (!pin(**row, spec.name)) return;
    forAdapter.member(adapterName(spec), (*row)->providerId);
    forClient.member(spec.name, *id);
  }

  void paymentMethod(const FieldSpec& spec, const std::optional<std::string>& id,
                     json::Writer& forAdapter, json::Writer& forClient) {
    if (!id) return;
    std::string provided = *id;
    if (base::isId("pm_", *id)) {
      auto row = call_.gateway.reader().resourceById(call_.tenant.orgId, call_.tenant.environment,
                                                     "payment_method", *id);
      if (row && row->has_value()) {
        if (!pin(**row, spec.name)) return;
        provided = (*row)->providerId;
      }
    }
    forAdapter.member(adapterName(spec), provided);
    forClient.member(spec.name, *id);
  }

  void object(const FieldSpec& spec, json::View value, FieldReader& outer, json::Writer& forAdapter,
              json::Writer& forClient) {
    if (!value.exists()) return;
    FieldReader fields(value, std::string(spec.name), outer);
    const bool flat = spec.is == FieldIs::flat;
    if (!flat) forAdapter.key(adapterName(spec)).beginObject();
    forClient.key(spec.name).beginObject();
    if (value.isObject()) {
      currencyOf(value["currency"].stringOr(currency_));
      read(spec.members, fields, forAdapter, forClient);
    }
    if (!flat) forAdapter.endObject();
    forClient.endObject();
    fields.finishInto(outer);
  }

  void objects(const FieldSpec& spec, json::View value, FieldReader& outer,
               json::Writer& forAdapter, json::Writer& forClient) {
    if (!value.exists()) return;
    if (!value.isArray() || value.size() < 1 || value.size() > spec.max) {
      return outer.fault(spec.name, std::string(spec.name) + " must be an array of 1 to " +
                                        std::to_string(spec.max) + " objects.");
    }
    forAdapter.key(adapterName(spec)).beginArray();
    forClient.key(spec.name).beginArray();
    for (std::size_t i = 0; i < value.size(); ++i) {
      FieldReader fields(value[i], std::string(spec.name) + "[" + std::to_string(i) + "]", outer);
      forAdapter.beginObject();
      forClient.beginObject();
      if (value[i].isObject()) read(spec.members, fields, forAdapter, forClient);
      forAdapter.endObject();
      forClient.endObject();
      fields.finishInto(outer);
    }
    forAdapter.endArray();
    forClient.endArray();
  }

  const Call& call_;
  Form& form_;
  std::string currency_;
};

}  // namespace

Form readForm(const Call& call, std::span<const FieldSpec> specs, FieldReader& fields,
              bool namesProvider) {
  Form form;
  FormReading reading(call, form);
  reading.currencyOf(call.hasBody ? call.body["currency"].stringOr("") : "");
  json::Writer forAdapter;
  json::Writer forClient;
  forAdapter.beginObject();
  forClient.beginObject();
  if (namesProvider) form.provider = fields.text("provider", Need::optional, 64).value_or("");
  reading.read(specs, fields, forAdapter, forClient);
  forAdapter.endObject();
  forClient.endObject();
  form.adapterInput = forAdapter.take();
  form.client = forClient.take();
  return form;
}

}  // namespace unigate::rest
