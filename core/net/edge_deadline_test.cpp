// Deadlines, draining and the messages of a listener that cannot open.
#include <netinet/in.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "net/edge_test_support.hpp"

using namespace unigate::net;
using namespace unigate::net::testing;

namespace {

EdgeSettings shortDeadlines() {
  EdgeSettings settings = testSettings();
  settings.headerDeadlineMs = 120;
  settings.bodyDeadlineMs = 120;
  settings.keepAliveMs = 120;
  settings.writeDeadlineMs = 120;
  return settings;
}

std::int64_t nowMs() {
  return unigate::base::SystemClock().monotonicUs() / 1000;
}

// Sends a byte whenever the server has been silent for 20 ms; the milliseconds until it answered.
std::int64_t dripUntilAnswered(const Client& client, std::string_view bytes) {
  const std::int64_t start = nowMs();
  for (const char byte : bytes) {
    pollfd waiting{client.fd, POLLIN, 0};
    if (poll(&waiting, 1, 20) != 0) break;
    client.send({&byte, 1});
  }
  return nowMs() - start;
}

}  // namespace

TEST_CASE("A head that does not arrive in time gets 408, however it drips") {
  TestServer server(shortDeadlines());
  Client halfSent(server.port);
  halfSent.send("GET / HTTP/1.1\r\nHost:");
  const std::string answer = halfSent.readToEnd();
  CHECK(answer.rfind("HTTP/1.1 408 Request Timeout\r\n", 0) == 0);
  CHECK(contains(answer, "Connection: close\r\n"));
  Client drips(server.port);
  const std::int64_t took =
      dripUntilAnswered(drips, "GET / HTTP/1.1\r\nX: " + std::string(500, 'x'));
  CHECK(took >= 100);
  CHECK(took < 5000);
  CHECK(drips.readToEnd().rfind("HTTP/1.1 408 ", 0) == 0);
  CHECK(server.server->counters().timeouts == 2);
}

TEST_CASE("A body that does not arrive in time gets 408, however it drips") {
  TestServer server(shortDeadlines());
  Client client(server.port);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
  CHECK(dripUntilAnswered(client, std::string(500, 'x')) < 5000);
  CHECK(client.readToEnd().rfind("HTTP/1.1 408 ", 0) == 0);
}

TEST_CASE("An idle connection is closed without a word, before and after requests") {
  TestServer server(shortDeadlines());
  Client fresh(server.port);
  CHECK(fresh.readToEnd().empty());
  CHECK(fresh.failed == 0);
  Client used(server.port);
  used.send(get("/"));
  CHECK_FALSE(used.readAnswer().empty());
  CHECK(used.readToEnd().empty());
  CHECK(used.failed == 0);
  CHECK(server.server->counters().timeouts == 0);
}

TEST_CASE("Empty lines do not keep an idle connection open") {
  TestServer server(shortDeadlines());
  Client client(server.port);
  CHECK(dripUntilAnswered(client, "\r\n\r") < 5000);
  CHECK(client.readToEnd().empty());
}

TEST_CASE("Half-sent requests cost the others nothing") {
  EdgeSettings settings = testSettings();
  settings.headerDeadlineMs = 60'000;
  TestServer server(settings);
  std::vector<std::unique_ptr<Client>> stuck;
  for (int i = 0; i < 200; ++i) {
    stuck.push_back(std::make_unique<Client>(server.port));
    stuck.back()->send("POST / HTTP/1.1\r\nHost: a\r\nContent-");
  }
  Client client(server.port);
  client.send(get("/served"));
  CHECK(bodyOf(client.readAnswer()) == "GET /served ");
}

TEST_CASE("A handler may take longer than every deadline") {
  EventLoop* loop = nullptr;
  TestServer server(shortDeadlines(), [&](Request&&, const Responder& responder) {
    loop->after(400, [responder] { responder.send({}); });
  });
  loop = &server.loop;
  Client client(server.port);
  client.send(get("/"));
  CHECK(client.readAnswer().rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
}

TEST_CASE("A client that does not read is cut off at the write deadline") {
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  const std::string big(64 << 20, 'x');
  EdgeServer server(loop, shortDeadlines(), ledgerOf(testSettings()),
                    [&big](Request&&, const Responder& responder) {
                      Response response;
                      response.body = big;
                      responder.send(std::move(response));
                    },
                    {});
  REQUIRE(server.listen().has_value());
  Client client(server.port());
  client.send(get("/"));
  while (server.counters().timeouts == 0) loop.runOnce(1000);
  CHECK(server.counters().open == 0);
}

TEST_CASE("A large answer arrives whole at a client that reads") {
  const std::string big(16 << 20, 'x');
  TestServer server(testSettings(), [&big](Request&&, const Responder& responder) {
    Response response;
    response.body = big;
    responder.send(std::move(response));
  });
  Client client(server.port);
  client.send(get("/1") + get("/2", "Connection: close\r\n"));
  const std::string all = client.readToEnd();
  CHECK(std::count(all.begin(), all.end(), 'x') == 2 * (16 << 20));
}

TEST_CASE("Draining closes what is idle, finishes what is in flight and takes no more") {
  std::unique_ptr<Responder> waiting;
  std::promise<void> arrived;
  TestServer server(testSettings(), [&](Request&& request, const Responder& responder) {
    if (request.path == "/slow") {
      waiting = std::make_unique<Responder>(responder);
      arrived.set_value();
    } else {
      echo(std::move(request), responder);
    }
  });
  Client idle(server.port);
  idle.send(get("/"));
  idle.readAnswer();
  Client busy(server.port);
  busy.send(get("/slow"));
  arrived.get_future().get();
  Client partial(server.port);
  partial.send("GET /partial HTTP/1.1\r\nHo");
  while (server.server->counters().open != 3) server.catchUp();
  server.catchUp();
  std::promise<void> drained;
  server.onLoop([&] { server.server->drain(10'000, [&] { drained.set_value(); }); });
  CHECK(idle.readToEnd().empty());
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0);
  close(fd);
  server.loop.post([&] { waiting->send({}); });
  const std::string answer = busy.readToEnd();
  CHECK(answer.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(contains(answer, "Connection: close\r\n"));
  busy.reset();
  partial.send("st: a\r\n\r\n");
  const std::string finished = partial.readToEnd();
  CHECK(contains(finished, "GET /partial"));
  CHECK(contains(finished, "Connection: close\r\n"));
  partial.reset();
  drained.get_future().get();
  CHECK(server.server->counters().open == 0);
}

TEST_CASE("Draining ends at its deadline") {
  std::unique_ptr<Responder> waiting;
  std::promise<void> arrived;
  TestServer server(testSettings(), [&](Request&&, const Responder& responder) {
    waiting = std::make_unique<Responder>(responder);
    arrived.set_value();
  });
  Client client(server.port);
  client.send(get("/"));
  arrived.get_future().get();
  std::promise<void> drained;
  server.onLoop([&] { server.server->drain(50, [&] { drained.set_value(); }); });
  drained.get_future().get();
  CHECK(client.readToEnd().empty());
  server.onLoop([&] { waiting.reset(); });
}

TEST_CASE("Draining a server without connections ends at once") {
  TestServer server;
  std::promise<void> drained;
  server.onLoop([&] { server.server->drain(60'000, [&] { drained.set_value(); }); });
  drained.get_future().get();
}

TEST_CASE("Servers of one process share a port, but not with a stranger") {
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  EdgeSettings settings = testSettings();
  EdgeServer first(loop, settings, ledgerOf(settings), echo, {});
  REQUIRE(first.listen().has_value());
  settings.listen = "127.0.0.1:" + std::to_string(first.port());
  EdgeServer second(loop, settings, ledgerOf(settings), echo, {});
  CHECK(second.listen().has_value());
  CHECK(second.port() == first.port());

  // A stranger that would even share by SO_REUSEPORT.
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0);
  REQUIRE(listen(fd, 1) == 0);
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  settings.listen = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  EdgeServer third(loop, settings, ledgerOf(settings), echo, {});
  const auto refused = third.listen();
  close(fd);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == "listen_address_in_use");
  CHECK(contains(refused.error().detail, settings.listen));
}

TEST_CASE("Listens on IPv6 where the machine has it") {
  EdgeSettings settings = testSettings();
  settings.listen = "[::1]:0";
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  EdgeServer server(loop, settings, ledgerOf(settings), echo, {});
  const auto listening = server.listen();
  if (!listening) {
    WARN("skipped: " << listening.error().detail);
    return;
  }
  CHECK(server.port() != 0);
}

TEST_CASE("A listen address that cannot be used is named with its remedy") {
  const unigate::base::SystemClock clock;
  EventLoop loop(clock);
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"8080", "listen_address_invalid"},       {"example.com:80", "listen_address_invalid"},
      {"127.0.0.1:", "listen_address_invalid"}, {"127.0.0.1:99999", "listen_address_invalid"},
      {"::1:80", "listen_address_invalid"},     {"192.0.2.1:8080", "listen_address_unknown"}};
  for (const auto& [listen, code] : cases) {
    EdgeSettings settings = testSettings();
    settings.listen = listen;
    EdgeServer server(loop, settings, ledgerOf(settings), echo, {});
    const auto refused = server.listen();
    REQUIRE_FALSE(refused.has_value());
    INFO(refused.error().detail);
    CHECK(refused.error().code == code);
    CHECK(contains(refused.error().detail, listen));
  }
}
