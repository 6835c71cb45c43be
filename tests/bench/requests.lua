-- wrk's part: makes random ones of the requests in the file that the environment variable REQUESTS
-- names, one a line: method, path, JWT, body, with tabs between; and prints how many it made in a
-- second and how many of them were no success. With CLOSE in the environment each request has a connection
-- of its own.

local requests = {}

function init()
	for line in io.lines(os.getenv("REQUESTS")) do
		local method, path, jwt, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
		local headers = { Host = "localhost" }
		if jwt ~= "" then headers["Authorization"] = "Bearer " .. jwt end
		if body ~= "" then headers["Content-Type"] = "application/json" end
		if method == "POST" then headers["Content-Length"] = #body end
		if os.getenv("CLOSE") then headers["Connection"] = "close" end
		table.insert(requests, wrk.format(method, path, headers, body))
	end
end

function request()
	return requests[math.random(#requests)]
end

function done(summary)
	local errors = summary.errors
	print(string.format("rate %f wrong %d", summary.requests * 1e6 / summary.duration,
		errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
