#include <sys/stat.h>

#include <fstream>

#include "fixture.hpp"

namespace headrace::api {
namespace {

namespace fs = std::filesystem;
using testing::Api;
using testing::json;

struct Logs : ::testing::Test {
  Api api;
  fs::path folder = api.home / "runs" / "1" / "5";

  void SetUp() override {
    fs::create_directories(folder);
    write("stdout", "before\nline one\nline two\nafter\n");  // the attempt's part is from 7 to 25
    api.commit({Api::created(1), Api::started(1, 0, "a", {7, 0, 0})});
  }
  void write(const char* name, const std::string& text) { std::ofstream(folder / name, std::ios::binary) << text; }
  void end_attempt(int stdout_end) { api.commit({Api::ended(1, 0, "a", "success", {stdout_end, 0, 0})}); }
  http::testing::RawAnswer log(const std::string& query = "", const char* stream = "stdout", const char* step = "a",
                               const char* attempt = "1") {
    return api.get_raw("/api/v1/runs/1/steps/" + std::string(step) + "/attempts/" + attempt + "/logs/" + stream + query);
  }
};

TEST_F(Logs, HoldTheAttemptsPartOnly) {
  EXPECT_EQ(log().body, "line one\nline two\nafter\n");  // still open: to the end of the file
  EXPECT_TRUE(log().has("Headrace-Log-Complete: false\r\n"));
  end_attempt(25);
  const auto answer = log();
  EXPECT_EQ(answer.body, "line one\nline two\n");
  EXPECT_TRUE(answer.has("Headrace-Log-Complete: true\r\n"));
  EXPECT_TRUE(answer.has("Content-Type: text/plain; charset=utf-8\r\n"));
}

TEST_F(Logs, AreReadOnFromWhereTheLastAnswerEnded) {
  end_attempt(25);
  const auto first = log("?limit=12");  // whole lines only, while more follows
  EXPECT_EQ(first.body, "line one\n");
  EXPECT_TRUE(first.has("Headrace-Log-Next: 9\r\n"));
  EXPECT_TRUE(first.has("Headrace-Log-Complete: false\r\n"));
  const auto second = log("?offset=9");
  EXPECT_EQ(second.body, "line two\n");
  EXPECT_TRUE(second.has("Headrace-Log-Complete: true\r\n"));
  const auto beyond = log("?offset=18");
  EXPECT_EQ(beyond.status, 200);
  EXPECT_EQ(beyond.body, "");
  EXPECT_EQ(log("?offset=1000000").body, "");
  EXPECT_EQ(log("?limit=4").body, "line");  // a line longer than the answer goes out in parts
}

TEST_F(Logs, RefuseBadRanges) {
  for (const char* query : {"?offset=-1", "?offset=x", "?offset=99999999999999999999", "?limit=0", "?limit=2000000"})
    EXPECT_EQ(log(query).status, 400) << query;
}

TEST_F(Logs, AreFoundByIdsOfTheDatabaseOnly) {
  EXPECT_EQ(log("", "secrets").status, 404);
  EXPECT_EQ(log("", "stdout", "nothing").status, 404);
  EXPECT_EQ(log("", "stdout", "b").status, 404);  // has not begun
  EXPECT_EQ(log("", "stdout", "a", "2").status, 404);
  EXPECT_EQ(log("", "stdout", "a", "0").status, 400);
  EXPECT_EQ(log("", "..%2f..%2fstdout").status, 404);
  EXPECT_EQ(log("", "%2e%2e").status, 400);
  EXPECT_EQ(log("", "stderr").status, 404);  // there is no such file
}

TEST_F(Logs, DoNotFollowLinksOrOpenDevices) {
  const auto secret = api.home / "secret";
  std::ofstream(secret) << "do not show";
  fs::create_symlink(secret, folder / "stderr");
  EXPECT_EQ(log("", "stderr").status, 404);
  fs::remove(folder / "stderr");
  ASSERT_EQ(::mkfifo((folder / "stderr").c_str(), 0600), 0);
  EXPECT_EQ(log("", "stderr").status, 404);
  fs::rename(folder, api.home / "elsewhere");
  fs::create_directory_symlink(api.home / "elsewhere", folder);
  EXPECT_EQ(log().status, 404);
}

TEST_F(Logs, AreMaskedByPattern) {
  write("stdout", "before\nGET https://u:canary9@host/?sig=canary8%3D HTTP\n\xff\x00 binary\n");
  end_attempt(1000);
  const auto answer = log();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.find("canary"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("https://u:"), std::string::npos);
}

}  // namespace
}  // namespace headrace::api
