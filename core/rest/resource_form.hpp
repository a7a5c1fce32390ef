// The fields of a request body as data: one list of FieldSpec per request says what is read, how it
// is checked, and what the adapter gets. resource_routes.cpp runs them; each resource file declares
// its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unigate/json.hpp>
#include <vector>

#include "rest/call.hpp"
#include "rest/fields.hpp"

namespace unigate::rest {

enum class FieldIs {
  text,       // up to `max` characters
  secretive,  // text that comes back with its last four characters alone: an account number
  email,
  phone,  // E.164
  url,
  currency,
  amount,  // minor units of the request's `currency`
  flag,
  number,   // from 1 to `max`
  count,    // from 0 to `max`
  time,     // RFC 3339; the adapter gets Unix seconds
  word,     // one of `words`
  texts,    // at most `max` of up to 5,000 characters
  textMap,  // an object of at most `max` texts
  metadata,
  ownMetadata,    // metadata that stays with us: the adapter does not get it
  reference,      // our id of a `kind`; the adapter gets the provider's
  paymentMethod,  // our id of a saved one, or the provider's own id or token
  object,         // of `members`
  flat,           // an object whose members stand on the outer level for the adapter
  gathered,       // `members` that stand on this level for the client, in an object for the adapter
  objects,        // at most `max` objects of `members`
};

struct FieldSpec {
  std::string_view name;
  FieldIs is = FieldIs::text;
  bool required = false;
  std::size_t max = 0;
  // The adapter's name of it; empty: the same, with "_at" as "_unix_s" for times and with
  // "_provider_id" for references.
  std::string_view adapter = {};
  std::string_view kind = {};
  std::vector<std::string_view> words = {};
  std::vector<FieldSpec> members = {};
};

// What a body said.
struct Form {
  std::string adapterInput;  // JSON object
  std::string client;        // JSON object of what the document keeps of the request
  std::string provider;      // named in the body
  std::string pinned;        // the provider where what the body refers to lives
  std::int64_t amount = 0;
  std::string currency;
  // What is wrong with a reference; told only when the fields themselves are good.
  std::optional<base::Problem> problem;
};

// Reads by the list, and the member `provider` with `namesProvider`; faults are left in `fields`,
// which the caller finishes.
Form readForm(const Call& call, std::span<const FieldSpec> specs, FieldReader& fields,
              bool namesProvider);

}  // namespace unigate::rest
