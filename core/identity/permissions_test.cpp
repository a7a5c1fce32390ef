#include "identity/permissions.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

using namespace unigate;
using identity::Role;
using identity::roleAllows;

namespace {

// The table as docs/IDENTITY.md shows it.
std::string asMarkdown() {
  std::string text = "| Resource | viewer | developer | admin | owner |\n|---|---|---|---|---|\n";
  for (const auto& each : identity::permissions()) {
    text += "| " + std::string(each.resource);
    for (const Role role : {Role::viewer, Role::developer, Role::admin, Role::owner}) {
      const bool writes = roleAllows(role, each.resource, "write");
      const bool reads = roleAllows(role, each.resource, "read");
      text += writes ? " | read, write" : reads ? " | read" : " | -";
    }
    text += " |\n";
  }
  return text;
}

}  // namespace

TEST_CASE("A role may do whatever the roles below it may") {
  for (const auto& each : identity::permissions()) {
    for (const std::string access : {"read", "write"}) {
      bool before = false;
      for (const Role role : {Role::viewer, Role::developer, Role::admin, Role::owner}) {
        const bool may = roleAllows(role, each.resource, access);
        CHECK((may || !before));
        before = may;
      }
      CAPTURE(each.resource, access);
      CHECK(before);
    }
    CHECK(each.reads <= each.writes);
  }
}

TEST_CASE("Nobody may do what the table does not name") {
  CHECK_FALSE(roleAllows(Role::owner, "payments", "read"));
  CHECK_FALSE(roleAllows(Role::owner, "", "read"));
  CHECK_FALSE(roleAllows(Role::owner, "keys", "delete"));
  CHECK_FALSE(roleAllows(Role::viewer, "keys", "write"));
  CHECK_FALSE(roleAllows(Role::developer, "members", "write"));
}

TEST_CASE("Roles are named exactly") {
  for (const std::string name : {"viewer", "developer", "admin", "owner"})
    CHECK(toText(*identity::roleFromText(name)) == name);
  for (const std::string name : {"", "Owner", "root", "owner "})
    CHECK_FALSE(identity::roleFromText(name));
}

TEST_CASE("The documented table is the table") {
  const char* source = std::getenv("UNIGATE_SOURCE");
  std::ifstream file(std::string(source == nullptr ? "" : source) + "/docs/IDENTITY.md");
  if (!file) {
    std::cout << "skipped: docs/IDENTITY.md is not there (UNIGATE_SOURCE)\n";
    return;
  }
  std::stringstream text;
  text << file.rdbuf();
  INFO(asMarkdown());
  CHECK(text.str().find(asMarkdown()) != std::string::npos);
}
