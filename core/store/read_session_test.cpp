#include <catch2/catch.hpp>

#include "store/dialect.hpp"
#include "store/statement.hpp"
#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct ListFixture : TestDatabase {
  // Stores a payment made by `edit`, a millisecond after the one before, and returns its id.
  template <typename Edit>
  std::string add(Edit&& edit) {
    clock.advanceMs(1);
    auto record = payment();
    edit(record);
    auto id = record.id;
    put(std::move(record));
    return id;
  }
  void put(ResourceRecord record) {
    auto intentRecord = intent();
    intentRecord.resources.push_back(std::move(record));
    must(store->insertIntentNow(std::move(intentRecord)));
  }
  std::vector<std::string> list(ResourceFilter filter) {
    if (filter.kind.empty()) filter.kind = "payment";
    std::vector<std::string> ids;
    for (const auto& row : must(reader->listResources("org_1", "test", filter)).rows) {
      ids.push_back(row.id);
    }
    return ids;
  }
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(ListFixture, "Lists newest first and pages through without gaps or repeats") {
  Ids newestFirst;
  for (int i = 0; i < 25; ++i) newestFirst.insert(newestFirst.begin(), add([](auto&) {}));
  Ids seen;
  ResourceFilter filter;
  filter.kind = "payment";
  filter.limit = 10;
  std::vector<std::size_t> sizes;
  for (bool more = true; more;) {
    const auto page = must(reader->listResources("org_1", "test", filter));
    sizes.push_back(page.rows.size());
    for (const auto& row : page.rows) seen.push_back(row.id);
    more = page.hasMore;
    filter.startingAfter = seen.back();
  }
  CHECK(sizes == std::vector<std::size_t>{10, 10, 5});
  CHECK(seen == newestFirst);
}

TEST_CASE_METHOD(ListFixture,
                 "A page that ends exactly at the last row says that there is no more") {
  for (int i = 0; i < 3; ++i) add([](auto&) {});
  ResourceFilter filter;
  filter.kind = "payment";
  filter.limit = 3;
  CHECK_FALSE(must(reader->listResources("org_1", "test", filter)).hasMore);
  filter.limit = 2;
  CHECK(must(reader->listResources("org_1", "test", filter)).hasMore);
  filter.limit = 1'000;
  CHECK(must(reader->listResources("org_1", "test", filter)).rows.size() == 3);
}

TEST_CASE_METHOD(ListFixture, "Each filter picks its rows, and together they narrow down") {
  const auto plain = add([](auto&) {});
  const auto failed = add([](auto& r) { r.status = "failed"; });
  const auto other = add([](auto& r) { r.provider = "example"; });
  const auto customer = add([](auto& r) { r.customer = "cus_1"; });
  const auto both = add([](auto& r) {
    r.customer = "cus_1";
    r.status = "failed";
    r.reference = "order-7";
  });
  ResourceFilter filter;
  filter.status = "failed";
  CHECK(list(filter) == Ids{both, failed});
  filter.customer = "cus_1";
  CHECK(list(filter) == Ids{both});
  filter.reference = "order-7";
  CHECK(list(filter) == Ids{both});
  filter.reference = "order-8";
  CHECK(list(filter).empty());
  filter = {};
  filter.provider = "example";
  CHECK(list(filter) == Ids{other});
  filter = {};
  filter.customer = "cus_1";
  CHECK(list(filter) == Ids{both, customer});
  filter.customer = "cus_1' OR '1'='1";
  CHECK(list(filter).empty());
  CHECK(list({}).back() == plain);
}

TEST_CASE_METHOD(ListFixture, "created[gte] holds its bound and created[lt] does not") {
  const auto first = add([](auto&) {});
  const auto second = add([](auto&) {});
  const auto secondAt = clock.unixMs();
  const auto third = add([](auto&) {});
  ResourceFilter filter;
  filter.createdGte = secondAt;
  CHECK(list(filter) == Ids{third, second});
  filter = {};
  filter.createdLt = secondAt;
  CHECK(list(filter) == Ids{first});
  filter.createdGte = secondAt;
  CHECK(list(filter).empty());
}

TEST_CASE_METHOD(ListFixture, "Metadata is matched by whole keys and values, whatever they hold") {
  const auto simple = add([](auto& r) { r.metadata = R"({"order":"7","shop":"a"})"; });
  const auto odd = add([](auto& r) { r.metadata = R"({"a.b[0]\"'$":"x","order":"77"})"; });
  add([](auto& r) { r.metadata = ""; });
  ResourceFilter filter;
  filter.metadata = {{"order", "7"}};
  CHECK(list(filter) == Ids{simple});
  filter.metadata = {{"order", "7"}, {"shop", "a"}};
  CHECK(list(filter) == Ids{simple});
  filter.metadata = {{"order", "7"}, {"shop", "b"}};
  CHECK(list(filter).empty());
  filter.metadata = {{"a.b[0]\"'$", "x"}};
  CHECK(list(filter) == Ids{odd});
  filter.metadata = {{"7", "order"}};
  CHECK(list(filter).empty());
}

TEST_CASE_METHOD(ListFixture, "One tenant never sees another's rows, nor live rows in test") {
  const auto mine = add([](auto&) {});
  const auto theirs = add([](auto& r) { r.orgId = "org_2"; });
  const auto live = add([](auto& r) { r.environment = "live"; });
  CHECK(list({}) == Ids{mine});
  CHECK_FALSE(must(reader->resourceById("org_1", "test", "payment", theirs)));
  CHECK_FALSE(must(reader->resourceById("org_1", "test", "payment", live)));
  CHECK(must(reader->resourceById("org_2", "test", "payment", theirs)));
  CHECK_FALSE(must(reader->resourceById("org_1", "test", "refund", mine)));
  CHECK(must(reader->resourceByProviderId("org_1", "test", "payment", "acme", "ext_" + mine)));
  CHECK_FALSE(
      must(reader->resourceByProviderId("org_1", "test", "payment", "acme", "ext_" + theirs)));
  CHECK_FALSE(must(reader->resourceByProviderId("org_1", "test", "payment", "acme", "")));
  CHECK_FALSE(must(reader->resourceByProviderId("org_1", "test", "refund", "acme", "ext_" + mine)));
}

TEST_CASE_METHOD(ListFixture, "Children are listed by their parent") {
  const auto parent = add([](auto&) {});
  const auto child = add([&](auto& r) {
    r.kind = "refund";
    r.parentId = parent;
  });
  add([](auto& r) {
    r.kind = "refund";
    r.parentId = "pay_other";
  });
  ResourceFilter filter;
  filter.kind = "refund";
  filter.parentId = parent;
  CHECK(list(filter) == Ids{child});
}

TEST_CASE_METHOD(ListFixture, "Operations are listed by state, provider, operation and resource") {
  auto wanted = intent();
  wanted.operation.provider = "example";
  wanted.operation.operation = "refund.create";
  wanted.operation.resourceId = "re_1";
  must(store->insertIntentNow(wanted));
  inserted();
  OperationFilter filter;
  filter.provider = "example";
  CHECK(must(reader->listOperations("org_1", "test", filter)).rows.size() == 1);
  filter = {};
  filter.operation = "refund.create";
  filter.resourceId = "re_1";
  filter.state = "intent";
  CHECK(must(reader->listOperations("org_1", "test", filter)).rows.at(0).id == wanted.operation.id);
  filter.state = "succeeded";
  CHECK(must(reader->listOperations("org_1", "test", filter)).rows.empty());
  CHECK(must(reader->listOperations("org_1", "test", {})).rows.size() == 2);
}

TEST_CASE_METHOD(ListFixture,
                 "A reader holds no snapshot: each read sees what was committed before") {
  const auto second = must(store->openReader());
  for (int i = 0; i < 20; ++i) {
    const auto id = inserted();
    CHECK(must(second->operationById("org_1", "test", id)));
    CHECK(must(second->listOperations("org_1", "test", {})).rows.at(0).id == id);
    clock.advanceMs(1);
  }
}

TEST_CASE_METHOD(ListFixture, "Readers can't write") {
  const auto url = must(parseDatabaseUrl(folder.url()));
  const auto session = connect(url, Access::read);
  CHECK_THROWS_AS(execute(*session, "DELETE FROM operations"), soci::soci_error);
}

TEST_CASE_METHOD(ListFixture, "The queries of recovery and of the hot path go by an index",
                 "[sqlite]") {
  const auto url = must(parseDatabaseUrl(folder.url()));
  const auto session = connect(url, Access::read);
  const auto plan = [&](const std::string& query) {
    std::string text;
    std::int64_t id = 0;
    std::int64_t parent = 0;
    std::int64_t unused = 0;
    std::string detail;
    Statement explain(*session, "EXPLAIN QUERY PLAN " + query);
    explain.out(id).out(parent).out(unused).out(detail).ready();
    explain.forEach([&] { text += detail + "\n"; });
    return text;
  };
  const std::string open =
      "SELECT * FROM operations WHERE (state = 'received' OR state = 'intent' OR state = 'sent' "
      "OR state = 'unknown')";
  const std::string tenant = " WHERE org_id = 'o' AND environment = 'test'";
  CHECK(plan(open + " AND id > 'a' ORDER BY id").find("operations_open") != std::string::npos);
  CHECK(plan(open + " AND next_resolve_at > 0 AND next_resolve_at <= 9 ORDER BY next_resolve_at")
            .find("operations_due") != std::string::npos);
  CHECK(plan("SELECT * FROM operations" + tenant + " AND client_key = 'k' AND client_key <> ''")
            .find("operations_client_key") != std::string::npos);
  CHECK(plan("SELECT * FROM operations" + tenant + " AND id < 'x' ORDER BY id DESC LIMIT 11")
            .find("operations_listed") != std::string::npos);
  const auto list = plan("SELECT * FROM resources" + tenant +
                         " AND kind = 'payment' AND id < 'p' ORDER BY id DESC LIMIT 11");
  CHECK(list.find("resources_listed") != std::string::npos);
  CHECK(list.find("TEMP B-TREE") == std::string::npos);
  CHECK(plan("SELECT * FROM resources" + tenant +
             " AND provider = 'p' AND provider_id = 'x' AND provider_id <> ''")
            .find("resources_of_provider") != std::string::npos);
}

namespace {

struct SearchFixture : ListFixture {
  Ids search(ResourceSearch what) {
    if (what.kind.empty()) what.kind = "payment";
    Ids ids;
    for (;;) {
      const auto slice = must(reader->searchResources("org_1", "test", what));
      for (const auto& row : slice.rows) ids.push_back(row.id);
      if (slice.lookedAtTo.empty()) return ids;
      REQUIRE((what.startingAfter.empty() || slice.lookedAtTo < what.startingAfter));
      what.startingAfter = slice.lookedAtTo;
    }
  }
  Ids holding(const std::string& text) {
    ResourceSearch what;
    what.inDocument = {text};
    return search(what);
  }
};

}  // namespace

TEST_CASE_METHOD(SearchFixture, "A search finds the same whatever the size of its slices") {
  Ids wanted;
  for (int i = 0; i < 23; ++i) {
    const auto id = add([&](auto& r) { r.currency = i % 3 == 0 ? "USD" : "EUR"; });
    if (i % 3 == 0) wanted.insert(wanted.begin(), id);
  }
  for (const std::size_t rowsMax : {1U, 2U, 5U, 23U, 1000U}) {
    for (const std::size_t limit : {1U, 3U, 100U}) {
      ResourceSearch what;
      what.currency = "USD";
      what.rowsMax = rowsMax;
      what.limit = limit;
      CHECK(search(what) == wanted);
    }
  }
}

TEST_CASE_METHOD(SearchFixture, "A slice looks at no more rows than it may") {
  const auto oldest = add([](auto& r) { r.currency = "USD"; });
  for (int i = 0; i < 4; ++i) add([](auto&) {});
  ResourceSearch what;
  what.kind = "payment";
  what.currency = "USD";
  what.rowsMax = 4;
  const auto first = must(reader->searchResources("org_1", "test", what));
  CHECK(first.rows.empty());
  REQUIRE_FALSE(first.lookedAtTo.empty());
  what.startingAfter = first.lookedAtTo;
  const auto second = must(reader->searchResources("org_1", "test", what));
  REQUIRE(second.rows.size() == 1);
  CHECK(second.rows[0].id == oldest);
  CHECK(second.lookedAtTo.empty());
}

TEST_CASE_METHOD(SearchFixture, "Text is looked for as it is, whatever it means to a pattern") {
  const auto percent = add([](auto& r) { r.document = R"({"name":"100% cotton"})"; });
  const auto underscore = add([](auto& r) { r.document = R"({"name":"a_b"})"; });
  const auto letters = add([](auto& r) { r.document = R"({"name":"aXb 1000 cotton"})"; });
  const auto backslash = add([](auto& r) { r.document = R"({"name":"c\\d"})"; });
  CHECK(holding("100%") == Ids{percent});
  CHECK(holding("a_b") == Ids{underscore});
  CHECK(holding("AXB") == Ids{letters});
  CHECK(holding(R"(c\\d)") == Ids{backslash});
  CHECK(holding("%").size() == 1);
  CHECK(holding("' OR 1=1 --").empty());
}

TEST_CASE_METHOD(SearchFixture, "A search never leaves its tenant, environment and kind") {
  add([](auto& r) { r.orgId = "org_2"; });
  add([](auto& r) { r.environment = "live"; });
  add([](auto& r) { r.kind = "refund"; });
  const auto mine = add([](auto&) {});
  CHECK(search({}) == Ids{mine});
  ResourceSearch foreign;
  foreign.id = add([](auto& r) { r.orgId = "org_2"; });
  CHECK(search(foreign).empty());
  foreign.id = mine;
  CHECK(search(foreign) == Ids{mine});
}

TEST_CASE_METHOD(SearchFixture, "A search passes over deleted rows, and amounts need a currency") {
  add([](auto& r) { r.status = "deleted"; });
  add([](auto& r) {
    r.amount = 500;
    r.currency = "";
  });
  const auto small = add([](auto& r) { r.amount = 500; });
  const auto large = add([](auto& r) { r.amount = 501; });
  ResourceSearch what;
  what.amountMin = 500;
  CHECK(search(what) == Ids{large, small});
  what.amountMax = 500;
  CHECK(search(what) == Ids{small});
}
