// What a reconciliation reads: our own books out of the store, and a provider's movements out of
// what its adapter answers. Private to gateway: reconciler.cpp. Blocks while it reads the store, so
// it belongs on a loop that serves nobody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unigate/json.hpp>
#include <vector>

#include "base/result.hpp"
#include "gateway/tenant.hpp"
#include "reconcile/books.hpp"
#include "store/store.hpp"

namespace unigate::gateway {

// Milliseconds, half open.
struct TimeRange {
  std::int64_t sinceMs = 0;
  std::int64_t untilMs = 0;
};

// One item of an adapter's list, or the answer of its get.
reconcile::Movement movementOf(reconcile::Kind kind, json::View output);

// Our entries for one account. Reads all operations of the range, and those before and after it
// whose movements lie in it: they are found by the reference or the id that a movement bears.
class BookReader {
 public:
  BookReader(store::ReadSession& reader, Tenant tenant, std::string provider, TimeRange range,
             std::int64_t nowMs)
      : reader_(reader),
        tenant_(std::move(tenant)),
        provider_(std::move(provider)),
        range_(range),
        nowMs_(nowMs) {}

  // Puts our side beside the movements, and into each movement what our books know of it.
  base::Status read(std::vector<reconcile::Kind> kinds, reconcile::Books& books);

 private:
  // What is known of one resource while operations are read.
  struct Held {
    reconcile::Entry entry;
    std::optional<store::OperationState> created;  // state of the operation that made it
    std::int64_t captures = 0;                     // sum of the captures that succeeded
  };

  base::Status readOperations();
  base::Status readMarked(std::vector<reconcile::Movement>& movements);
  base::Status readUnmarked(std::vector<reconcile::Movement>& movements);
  base::Status findParent(reconcile::Movement& movement);
  base::Status finish(Held& held, reconcile::Books& books);
  void finishWithoutRow(Held& held, reconcile::Books& books);
  void add(const store::OperationRecord& operation, bool inRange);
  bool looksAt(reconcile::Kind kind) const { return kinds_.count(kind) > 0; }

  store::ReadSession& reader_;
  Tenant tenant_;
  std::string provider_;
  TimeRange range_;
  std::int64_t nowMs_;
  std::set<reconcile::Kind> kinds_;
  std::map<std::string, Held> held_;        // by our resource's id
  std::map<std::string, bool> operations_;  // by id: whether it makes other things than movements
};

}  // namespace unigate::gateway
